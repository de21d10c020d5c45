// The settings of what an experiment is judged by: the primary metric, named feedback, and the margins of guardrails.
import { z } from "zod";

const positive = z.number().gt(0).max(1e12);
const share = z.number().gt(0).lt(1);

/** Metrics that are there without being named. A thumb is what approval is made of. */
const RESERVED: readonly string[] = ["approval", "quality", "error", "slow", "cost", "rated", "thumb"];

/** Named feedback that is watched: how much worse the challenger may be in it, in its own unit. */
const metric = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "holds a control character, which no feedback's name can"),
  better: z.enum(["higher", "lower"]).default("higher"),
  margin: positive,
});

/** Part of `experiment` in the settings. */
export const metricSettings = {
  /** What the rule applies to: "approval", "quality", or the name of an entry in `metrics`. */
  primary: z.string().min(1).default("approval"),
  metrics: z.array(metric).max(20).default([]),
  /** How much worse the challenger may be: shares of answers, cost relative to the champion's, quality; null is off. */
  guardrails: z
    .strictObject({
      error: share.nullable().default(0.02),
      slow: share.nullable().default(0.05),
      cost: positive.nullable().default(0.2),
      quality: share.nullable().default(0.05),
    })
    .prefault({}),
};

/** What contradicts itself in them, each with its place below `experiment`. */
export function metricFaults(experiment: {
  primary: string;
  metrics: readonly { name: string }[];
}): { path: PropertyKey[]; message: string }[] {
  const named = experiment.metrics.map(({ name }) => name);
  const faults = named.flatMap((name, index) => {
    const path = ["metrics", index, "name"];
    if (RESERVED.includes(name)) return [{ path, message: `is "${name}", which is measured already under that name` }];
    return named.indexOf(name) < index ? [{ path, message: `"${name}" stands there twice` }] : [];
  });
  const primaries = ["approval", "quality", ...named];
  if (primaries.includes(experiment.primary)) return faults;
  const message = `is "${experiment.primary}", and must be one of ${primaries.join(", ")}: other feedback is named in experiment.metrics first`;
  return [...faults, { path: ["primary"], message }];
}
