// How an experiment's row reads, and how to find one.

import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { instantInWords } from "../../domain/duration.ts";
import { Fault } from "../../domain/fault.ts";
import { holdLoop } from "../hold-loop.ts";

const metric = z.object({ name: z.string(), better: z.enum(["higher", "lower"]), margin: z.number() });
const margin = z.number().nullable().default(null);

/** What is frozen in an experiment, as `ExperimentParameters`. What came later has defaults that say what was so before: experiments begun then go on by approval alone. */
export const parametersRow = z.object({
  share: z.number(),
  ramp: z.array(z.object({ share: z.number(), entered: z.number(), from: z.number() })).exactOptional(),
  testAccounts: z
    .array(z.object({ u: z.number(), e: z.number(), variant: z.enum(["champion", "challenger"]) }))
    .exactOptional(),
  primary: z.string().default("approval"),
  metrics: z.array(metric).default([]),
  guardrails: z.object({ error: margin, slow: margin, cost: margin, quality: margin }).prefault({}),
  slowAbove: z.number().nullable().default(null),
  costPerInteraction: z.number().nullable().default(null),
  minLift: z.number(),
  phi: z.number(),
  minEvidence: z.number(),
  minDuration: z.number(),
  maxDuration: z.number(),
  lookEvery: z.number(),
  promotion: z.enum(["approval", "automatic"]),
  aa: z.boolean().exactOptional(),
  approvalTimeout: z.number(),
  probation: z.number(),
  holdback: z.number(),
});

export const experimentRow = z.object({
  id: z.string(),
  loop: z.string(),
  cycle_id: z.string().nullable(),
  champion_id: z.string(),
  challenger_id: z.string(),
  parameters: parametersRow,
  salt: z.string(),
  status: z.enum(["running", "awaiting_approval", "probation", "closed"]),
  started_by: z.string(),
  started_at: z.date(),
  ends_at: z.date(),
  serve_until: z.date(),
  phases_open: z.number(),
  paused_at: z.date().nullable(),
  approval_until: z.date().nullable(),
  probation_until: z.date().nullable(),
  verdict: z.unknown(),
  outcome: z
    .enum([
      "promoted",
      "rejected",
      "harmful",
      "futile",
      "inconclusive",
      "stopped",
      "approval_timed_out",
      "rolled_back",
      "lost",
    ])
    .nullable(),
  outcome_reason: z.string().nullable(),
  closed_at: z.date().nullable(),
  closed_by: z.string().nullable(),
});
export type Experiment = z.output<typeof experimentRow>;

/** The experiment, or a Fault `not_found`. */
export async function loadExperiment(tx: Transaction, loop: string, id: string): Promise<Experiment> {
  const found = await tx.maybe(experimentRow, sql`select * from experiment where loop = ${loop} and id::text = ${id}`);
  if (found === null)
    throw new Fault("not_found", `loop "${loop}" has no experiment "${id}"`, {
      hint: "ratchet status shows the one that runs",
    });
  return found;
}

/** The same, with its row locked: whoever changes an experiment reads it so. */
export async function lockExperiment(tx: Transaction, loop: string, id: string): Promise<Experiment> {
  await holdLoop(tx, loop); // roles change under the loop's lock
  return loadExperiment(tx, loop, id);
}

/** The loop's open experiment, probation included, or null. */
export function openExperiment(tx: Transaction, loop: string): Promise<Experiment | null> {
  return tx.maybe(experimentRow, sql`select * from experiment where loop = ${loop} and status <> 'closed'`);
}

/** The experiment of this id, or the one that this cycle began, or null. */
export function experimentBegun(tx: Transaction, id: string, cycleId: string | null): Promise<Experiment | null> {
  return tx.maybe(experimentRow, sql`select * from experiment where id = ${id} or cycle_id = ${cycleId}`);
}

export function experimentOfCycle(tx: Transaction, cycleId: string): Promise<Experiment | null> {
  return tx.maybe(experimentRow, sql`select * from experiment where cycle_id = ${cycleId}`);
}

/** The newest first, below `before` when given. */
export function listExperiments(
  tx: Transaction,
  loop: string,
  page: { before: string | null; limit: number },
): Promise<Experiment[]> {
  return tx.rows(
    experimentRow,
    sql`
    select * from experiment where loop = ${loop} and id < coalesce(${page.before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    order by id desc limit ${page.limit}`,
  );
}

/** A Fault for a command that comes too late: who closed it, when, how. */
export function alreadyClosed(experiment: Experiment): Fault {
  const { outcome, closed_by, closed_at, outcome_reason } = experiment;
  return new Fault(
    "conflict",
    `experiment ${experiment.id} is over: ${outcome} by ${closed_by} at ${closed_at === null ? "" : instantInWords(closed_at)} (${outcome_reason})`,
    {
      hint: "ratchet experiment show tells the rest",
      details: { who: closed_by, when: closed_at?.toISOString(), what: outcome },
    },
  );
}
