// How numbers read in a verdict's words: with a unit, a sign where one matters, and no more digits than mean something.

import type { MetricKey } from "./metric.ts";

const ONE_DECIMAL = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const THREE_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** A number with at most one decimal and commas, as "1,600" or "80.9". */
export function decimal(value: number): string {
  return ONE_DECIMAL.format(value);
}

/** A share in percent, as "5 %" or "80.9 %". */
export function percent(share: number): string {
  return `${decimal(share * 100)} %`;
}

/** A relative change in percent with its sign, as "+6.1 %". */
export function signedPercent(share: number): string {
  return `${signed(share * 100, decimal)} %`;
}

/** A difference of shares in percentage points, with its sign, as "−0.8 pp". */
export function points(difference: number): string {
  // A share is between 0 and 1: a bound beyond says no more than that.
  return `${signed(Math.max(-1, Math.min(1, difference)) * 100, decimal)} pp`;
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
export function amountOf(key: MetricKey, value: number): string {
  if (isShare(key)) return percent(value);
  if (key === "cost") return `$${THREE_DIGITS.format(value / 1e6)}`;
  return THREE_DIGITS.format(value);
}

/** A difference of two values of a metric, with its sign. */
export function differenceOf(key: MetricKey, difference: number): string {
  if (isShare(key)) return points(difference);
  return signed(difference, (size) => amountOf(key, size));
}

function isShare(key: MetricKey): boolean {
  return key === "error" || key === "slow" || key === "approval" || key.startsWith("approval/");
}

function signed(value: number, format: (size: number) => string): string {
  const size = format(Math.abs(value));
  return `${value < 0 && /[1-9]/.test(size) ? "−" : "+"}${size}`;
}
