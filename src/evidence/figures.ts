// How numbers read in a verdict's words: with a unit, a sign where one matters, and no more digits than mean something.

import type { MetricKey } from "./metric.ts";

/** By how many digits more than usual a figure may be written, where two would else look alike. */
type More = 0 | 1 | 2 | 3;

// To make a format costs more than a look.
const DECIMALS = [1, 2, 3, 4].map((digits) => new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }));
const DIGITS = [3, 4, 5, 6].map((digits) => new Intl.NumberFormat("en-US", { maximumSignificantDigits: digits }));

/** A number with at most one decimal and commas, as "1,600" or "80.9". */
export function decimal(value: number, more: More = 0): string {
  return DECIMALS[more]!.format(value);
}

/** A share in percent, as "5 %" or "80.9 %". */
export function percent(share: number, more: More = 0): string {
  return `${decimal(share * 100, more)} %`;
}

/** A relative change in percent with its sign, as "+6.1 %". */
export function signedPercent(share: number, more: More = 0): string {
  return `${signed(share * 100, (size) => decimal(size, more))} %`;
}

/** A difference of shares in percentage points, with its sign, as "−0.8 pp". */
export function points(difference: number, more: More = 0): string {
  // A share is between 0 and 1: a bound beyond says no more than that.
  return `${signed(Math.max(-1, Math.min(1, difference)) * 100, (size) => decimal(size, more))} pp`;
}

/** Two figures side by side, with as many digits more as it takes, up to `most`, to see which is larger; with the usual ones else. */
export function sideBySide(
  format: (value: number, more: More) => string,
  one: number,
  other: number,
  most: More = 1,
): [string, string] {
  for (const more of [0, 1, 2, 3] as const) {
    const pair: [string, string] = [format(one, more), format(other, more)];
    if (more <= most && pair[0] !== pair[1]) return pair;
  }
  return [format(one, 0), format(other, 0)];
}

/** "1 user", "1,600 users". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${decimal(value)} ${value === 1 ? one : many}`;
}

/** A text with its first letter large. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a metric is called, and what its values are. */
export function namesOf(key: MetricKey): { name: string; values: string } {
  if (key === "approval") return { name: "approval", values: "ratings" };
  if (key === "error") return { name: "share of answers with an error", values: "answers" };
  if (key === "slow") return { name: "share of slow answers", values: "answers" };
  if (key === "cost") return { name: "cost of an answer", values: "answers" };
  if (key === "quality") return { name: "quality", values: "answers" };
  if (key.startsWith("approval/")) return { name: `approval of "${key.slice("approval/".length)}"`, values: "ratings" };
  return { name: `"${key.replace(/^feedback:/, "")}"`, values: "values" };
}

/** A value of a metric in its unit: shares in percent, cost in dollars, everything else as it is. */
export function amountOf(key: MetricKey, value: number, more: More = 0): string {
  if (isShare(key)) return percent(value, more);
  const digits = DIGITS[more]!;
  return key === "cost" ? `$${digits.format(value / 1e6)}` : digits.format(value);
}

/** Two values of a metric, "84.1 % against 80.2 %". */
export function amountsOf(key: MetricKey, one: number, other: number): string {
  return sideBySide((value, more) => amountOf(key, value, more), one, other).join(" against ");
}

/** Whether two values of a metric differ by nothing that anybody would speak of: not even with one digit more than usual. */
export function lookAlike(key: MetricKey, one: number, other: number): boolean {
  return amountOf(key, one, 1) === amountOf(key, other, 1);
}

/** A difference of two values of a metric, with its sign. */
export function differenceOf(key: MetricKey, difference: number, more: More = 0): string {
  if (isShare(key)) return points(difference, more);
  return signed(difference, (size) => amountOf(key, size, more));
}

/** Whether a bound of a difference says anything: no two shares differ by more than all. */
export function tells(key: MetricKey, bound: number): boolean {
  return !isShare(key) || Math.abs(bound) < 1;
}

function isShare(key: MetricKey): boolean {
  return key === "error" || key === "slow" || key === "approval" || key.startsWith("approval/");
}

function signed(value: number, format: (size: number) => string): string {
  const size = format(Math.abs(value));
  return `${value < 0 && /[1-9]/.test(size) ? "−" : "+"}${size}`;
}
