// A reading's numbers as they stand in sentences: rates, lift and bounds with their units, and how many people they are of.

import { amountsOf, counted, decimal, differenceOf, namesOf, sideBySide, signedPercent, tells } from "./figures.ts";
import type { Metric } from "./metric.ts";
import type { Reading } from "./reading.ts";

/** The numbers on one line, with the bound that the sentence is about. */
export function inNumbers(
  numbers: Reading,
  metric: Metric,
  wanted: { minLift: number },
  side: "lower" | "upper" = "lower",
): string {
  return [
    `${liftInWords(numbers, wanted)} (${namesOf(metric.key).name} ${against(numbers, metric)})`,
    boundInWords(numbers[side], metric, side),
    counts(numbers, metric),
  ].join(", ");
}

/** Both sides' values, and how many they are of. */
export function amounts(numbers: Reading, metric: Metric): string {
  return `${namesOf(metric.key).name} ${against(numbers, metric)}, ${counts(numbers, metric)}`;
}

/** "lift +4.98 %" where +5 % is wanted: what falls short of it does not look as if it did not. */
export function liftInWords({ lift }: Reading, { minLift }: { minLift: number }): string {
  if (lift === null) return "no lift can be given on a value of 0";
  return `lift ${lift < minLift ? sideBySide(signedPercent, lift, minLift, 3)[0] : signedPercent(lift)}`;
}

/** Bounds count in the better direction, as lifts do: above 0 is an improvement. */
export function boundInWords(bound: number, { key }: Metric, side: "lower" | "upper"): string {
  return tells(key, bound) ? `${side} bound ${differenceOf(key, bound)}` : "far too few to tell";
}

function against({ challengerRate, championRate }: Reading, { key, better }: Metric): string {
  const values = amountsOf(key, challengerRate, championRate);
  return better === "higher" ? values : `${values}, where lower is better`;
}

function counts({ users, ratings }: Reading, { key }: Metric): string {
  const { values } = namesOf(key);
  return `${counted(ratings.challenger, values.replace(/s$/, ""), values)} from ${counted(users.challenger, "user")} against ${decimal(ratings.champion)} from ${decimal(users.champion)}`;
}
