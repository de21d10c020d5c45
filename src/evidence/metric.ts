// What the evidence can be about: each metric by its key, what its values are like, and which way is better.
import { RATINGS_PER_UNIT } from "../domain/experiment.ts";

/** `approval`, `quality`, `error`, `slow`, `cost`, `rated`, `feedback:<name>` or `approval/<action type>`. */
export type MetricKey = string;

/**
 * What a metric's values are like. `binary`: each is 0 or 1. `fraction`: anything from 0 to 1. `number`: any number, below 0 too.
 */
export type MetricKind = "binary" | "fraction" | "number";

export interface Metric {
  key: MetricKey;
  kind: MetricKind;
  better: "higher" | "lower";
}

export const APPROVAL: Readonly<Metric> = { key: "approval", kind: "binary", better: "higher" };

/** The values of a metric by its key. Named feedback may be numbers or booleans, which only the one who sends it knows. */
export function kindOf(key: MetricKey): MetricKind {
  if (key === "approval" || key === "error" || key === "slow" || key.startsWith("approval/")) return "binary";
  return key === "quality" ? "fraction" : "number";
}

/** A metric by its key; `better` for named feedback, the others know which way they count. */
export function metricOf(key: MetricKey, better: "higher" | "lower" = "higher"): Metric {
  const lower = key === "error" || key === "slow" || key === "cost";
  return { key, kind: kindOf(key), better: lower ? "lower" : better };
}

/** How many of a unit's values count: its first ratings, and all of what is measured on every answer. */
export function mostPerUnit(key: MetricKey): number {
  return key === "approval" || key.startsWith("approval/") || key.startsWith("feedback:") ? RATINGS_PER_UNIT : Infinity;
}

/** 1 where a rise is an improvement, -1 where a fall is one. */
export function signOf({ better }: Pick<Metric, "better">): 1 | -1 {
  return better === "higher" ? 1 : -1;
}
