// The API's answers, as far as the demo reads them.
import { z } from "zod";

export const model = z.object({ id: z.string(), name: z.string(), role: z.string() });
export const promotion = z.object({ kind: z.string(), experiment_id: z.string().nullable(), actor: z.string() });

export const status = z.object({
  champion: z.object({ id: z.string(), name: z.string() }),
  last_pulse: z.object({ number: z.number(), due: z.boolean().nullable(), reason: z.string().nullable() }).nullable(),
});

const snapshot = z.object({
  examples: z.number(),
  manifest: z.object({ considered: z.number(), kept: z.number(), dropped: z.record(z.string(), z.number()) }),
});

export const cycle = z.object({
  id: z.string(),
  stage: z.string(),
  reason: z.string(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  snapshot: snapshot.nullable(),
  training_run: z.object({ trainer: z.string(), status: z.string() }).nullable(),
  evaluation: z.object({ passed: z.boolean(), reason: z.string() }).nullable(),
  experiment: z.object({ id: z.string() }).nullable(),
});

const pair = z.object({ champion: z.number(), challenger: z.number() });
const reading = z.object({
  lift: z.number().nullable(),
  difference: z.number(),
  lower: z.number(),
  upper: z.number(),
  ratings: pair,
});
const look = z.object({
  number: z.number(),
  phase: z.enum(["experiment", "probation"]),
  verdict: z.object({ kind: z.string(), reason: z.string(), numbers: z.unknown() }),
});

export const experiment = z.object({
  id: z.string(),
  challenger_id: z.string(),
  status: z.enum(["running", "awaiting_approval", "probation", "closed"]),
  started_at: z.coerce.date(),
  outcome: z.string().nullable(),
  outcome_reason: z.string().nullable(),
  looks: z.array(look),
});

export type Model = z.output<typeof model>;
export type Status = z.output<typeof status>;
export type Snapshot = z.output<typeof snapshot>;
export type Cycle = z.output<typeof cycle>;
export type Look = z.output<typeof look>;
export type Experiment = z.output<typeof experiment>;
export type Reading = z.output<typeof reading>;

/** The numbers of a look at challenger and champion; null where there is nothing to compare yet. */
export function readingOf({ phase, verdict }: Look): Reading | null {
  const parsed = phase === "experiment" ? reading.safeParse(verdict.numbers) : null;
  return parsed?.success === true ? parsed.data : null;
}
