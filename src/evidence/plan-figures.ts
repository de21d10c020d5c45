// How a plan's figures read: shares and times, chances and counts, with no more digits than an estimate has.
import { percent } from "./figures.ts";
import type { Phase } from "./power.ts";

/** "at 10 %", or "with 10 %, 25 % from 12 hours, 50 % from 24 hours". */
export function way(phases: readonly Phase[]): string {
  if (phases.length === 1) return `at ${percent(phases[0]!.share)}`;
  const steps = phases.map(({ share, from }) => (from === 0 ? percent(share) : `${percent(share)} from ${span(from)}`));
  return `with ${steps.join(", ")}`;
}

/** Days in words: "48 hours", "9 days". */
export function span(days: number): string {
  if (days >= 730) return `${decimal(days / 365)} years`;
  if (days >= 4) return `${decimal(days, days < 10 ? 1 : 0)} days`;
  const hours = days * 24;
  if (hours >= 2) return `${decimal(hours, 0)} hours`;
  const minutes = Math.round(hours * 60);
  if (hours * 60 > 0.999) return `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  const seconds = Math.max(1, Math.round(hours * 3600));
  return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
}

/** As often as in "8 times in 10", in words for every size. */
export function times(chance: number): string {
  const percentage = Math.round(100 * chance);
  return percentage < 1 ? "less than once in 100" : `${percentage} times in 100`;
}

/** "+5 %". */
export function lift(share: number): string {
  return `+${percent(share)}`;
}

/** Three figures say enough of an estimate. */
export function about(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: value < 10 ? 2 : 3 }).format(value);
}

/** A number with at most so many decimals. */
export function decimal(value: number, digits = 1): string {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }).format(value);
}
