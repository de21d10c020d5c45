// A file of tallies, in the words of published test vectors, as the evidence and the policy that a verdict is made from.
import { z } from "zod";
import { durationFault, inWords, milliseconds } from "../domain/duration.ts";
import { Fault } from "../domain/fault.ts";
import { slipOf } from "../domain/nearest.ts";
import { phiAtStart } from "../evidence/e-value.ts";
import type { Stratum } from "../evidence/estimate.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { metricOf } from "../evidence/metric.ts";
import { ERROR_RATES, primaryOf, type VerdictPolicy } from "../evidence/policy.ts";
import { type Tally, tallyFault } from "../evidence/tally.ts";

const HOUR = 3_600_000;

const number = z.number({
  error: ({ input }) =>
    input === undefined
      ? "is missing"
      : `is ${typeof input === "number" ? String(input) : JSON.stringify(input)}, not a finite number`,
});
const atLeast0 = number.min(0, { error: ({ input }) => `is ${input}, and must be 0 or more` });
const count = atLeast0.refine(Number.isInteger, { error: ({ input }) => `is ${input}, not a whole number` });
const within = (least: number, most: number) =>
  number.refine((value) => value > least && value < most, {
    error: ({ input }) => `is ${input}, and must lie between ${least} and ${most}`,
  });

const tally = z
  .object(
    { n_users: count, sum_y: number, sum_k: atLeast0, sum_yy: atLeast0, sum_yk: number, sum_kk: atLeast0 },
    { error: "is missing: the sums of one side, as n_users, sum_y, sum_k, sum_yy, sum_yk, sum_kk" },
  )
  .transform(
    ({ n_users: users, sum_y: sumY, sum_k: sumK, sum_yy: sumYY, sum_yk: sumYK, sum_kk: sumKK }): Tally => ({
      users,
      sumY,
      sumK,
      sumYY,
      sumYK,
      sumKK,
    }),
  );
/** A list of objects, each with these keys. */
const listOf = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const form = `{${Object.keys(shape).join(", ")}}`;
  return z.array(z.object(shape, { error: `must be ${form}` }), { error: `must be a list of ${form}` });
};
const strata = listOf({ control: tally, challenger: tally }).transform((list) =>
  list.map(({ control, challenger }): Stratum => ({ champion: control, challenger })),
);

/** Milliseconds, from words ("48 hours") or a number of hours. */
const time = z
  .union([atLeast0, z.string()], { error: 'must be a number of hours, or words as "48 hours"' })
  .transform((value, context) => {
    if (typeof value === "number") return value * HOUR;
    const fault = durationFault(value);
    if (fault === null) return milliseconds(value);
    context.addIssue({ code: "custom", message: fault });
    return z.NEVER;
  });

const text = (what: string) =>
  z.string({ error: ({ input }) => (input === undefined ? `is missing: ${what}` : `must be a text: ${what}`) }).min(1, {
    error: `is empty: it must be ${what}`,
  });
const better = z.enum(["higher", "lower"], { error: 'must be "higher" or "lower"' });
const above0 = number.refine((value) => value > 0, { error: ({ input }) => `is ${input}, and must be above 0` });
const seen = listOf({ value: text("what was seen, or a digest of it"), first: count, latest: count });

const schema = z.object(
  {
    strata,
    hours: atLeast0,
    L: number
      .refine((value) => value >= 0 && value <= 100, { error: ({ input }) => `is ${input}, and must be from 0 to 100` })
      .default(0.05),
    phi: above0.optional(),
    alpha_promote: within(0, 0.5).default(ERROR_RATES.promote),
    alpha_harm: within(0, 0.5).default(ERROR_RATES.harm),
    alpha_futile: within(0, 0.5).default(ERROR_RATES.futile),
    minEvidence: time.default(24 * HOUR),
    minDuration: time.default(24 * HOUR), // as the published vectors do; a loop waits for 48
    maxDuration: time.default(336 * HOUR),
    primary: text("the name of a metric").default("approval"),
    better: better.default("higher"),
    share: within(0, 1).optional(),
    rated: strata.default([]),
    crossed: count.default(0),
    guardrails: listOf({
      metric: text("the name of a metric"),
      better: better.optional(),
      margin: above0,
      failAbove: number.optional(),
      strata,
    }).default([]),
    segments: listOf({ name: text("the name of an action type"), strata }).default([]),
    changes: listOf({
      what: z.enum(["system prompt", "model"], { error: 'must be "system prompt" or "model"' }),
      variant: z.enum(["control", "challenger"], { error: 'must be "control" or "challenger"' }),
      seen,
    }).default([]),
  },
  { error: "must be a JSON object with strata and hours" },
);

export interface VerdictFile {
  evidence: Evidence;
  policy: VerdictPolicy;
  /** Keys of the file that mean nothing here. */
  ignored: string[];
}

/**
 * Parses `{strata: [{control, challenger}], hours, …}`, or a whole vector with that as its `inputs`. Throws a Fault that names every
 * place where it is wrong: what is missing, no number, out of range, or sums that no users' ratings can give.
 */
export function parseVerdictFile(input: unknown): VerdictFile {
  const inputs = (input as { inputs?: unknown } | null)?.inputs ?? input;
  const parsed = schema.safeParse(inputs);
  if (!parsed.success)
    throw faultOf(
      parsed.error.issues.map(
        ({ path, message }) => `${path.length === 0 ? "the file" : `"${path.join(".")}"`} ${message}`,
      ),
    );
  const file = parsed.data;
  const metrics = [{ name: file.primary, better: file.better, margin: 1 }];
  const kind = primaryOf({ primary: file.primary, metrics }).kind;
  const guardrails = file.guardrails.map((rail) => {
    const metric = metricOf(rail.metric, rail.better);
    return { ...rail, better: metric.better, failAbove: rail.failAbove ?? (rail.metric === "error" ? 0 : rail.margin) };
  });
  const faults = [
    ...tallyFaults("strata", file.strata, kind),
    ...tallyFaults("rated", file.rated, "number"),
    ...guardrails.flatMap((rail, index) =>
      tallyFaults(`guardrails.${index}.strata`, rail.strata, metricOf(rail.metric).kind),
    ),
    ...file.segments.flatMap((segment, index) => tallyFaults(`segments.${index}.strata`, segment.strata, "binary")),
    ...Object.keys(inputs as object).flatMap((key) => {
      const meant = slipOf(key, Object.keys(schema.shape));
      return meant === null ? [] : [`"${key}" is not read: did you mean "${meant}"?`];
    }),
    ...(["minEvidence", "minDuration"] as const)
      .filter((name) => file[name] > file.maxDuration)
      .map(
        (name) => `"${name}" is longer than maxDuration: ${inWords(file[name])} against ${inWords(file.maxDuration)}`,
      ),
    ...(file.rated.length > 0 && file.share === undefined
      ? ['"share" is missing: with "rated" it says which share of users should have the challenger']
      : []),
  ];
  if (faults.length > 0) throw faultOf(faults);
  const { L: minLift, phi = phiAtStart(file.L, null, kind), minEvidence, minDuration, maxDuration, share } = file;
  return {
    evidence: {
      elapsed: file.hours * HOUR,
      primary: file.strata,
      rated: file.rated,
      crossed: file.crossed,
      guardrails,
      segments: file.segments,
      changes: file.changes.map(({ variant, ...rest }) => ({
        ...rest,
        variant: variant === "control" ? "champion" : variant,
      })),
    },
    policy: {
      ...{ minLift, phi, minEvidence, minDuration, maxDuration, primary: file.primary, metrics },
      ...(share === undefined ? {} : { share }),
      alpha: { promote: file.alpha_promote, harm: file.alpha_harm, futile: file.alpha_futile },
    },
    ignored: Object.keys(inputs as object).filter((key) => !(key in schema.shape)),
  };
}

function tallyFaults(place: string, list: readonly Stratum[], kind: Parameters<typeof tallyFault>[1]): string[] {
  return list.flatMap(({ champion, challenger }, index) =>
    Object.entries({ control: champion, challenger }).flatMap(([side, sums]) => {
      const fault = tallyFault(sums, kind);
      return fault === null
        ? []
        : [
            `"${place}.${index}.${side}" cannot be: ${fault.replace(/\bsum([A-Z]+)\b/g, (_, sum: string) => `sum_${sum.toLowerCase()}`)}`,
          ];
    }),
  );
}

function faultOf(faults: string[]): Fault {
  return new Fault("invalid", `no verdict can be made of this file: ${faults.join("; ")}`, {
    hint: "docs/evidence.md has an example of what it reads",
    details: { faults },
  });
}
