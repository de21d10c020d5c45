// The sufficient statistics of an experiment: six sums for each stratum and variant, so that a look never scans interactions.
import { RATINGS_PER_UNIT } from "../domain/experiment.ts";
import type { MetricKind } from "./metric.ts";

/** One unit's values that count: `y` is their sum (a thumb up is 1, down is 0) and `k` their number. */
export interface UnitTotals {
  y: number;
  k: number;
}

/** Sums over the units of one variant in one stratum. Only units with a value (`k` > 0) are in it. */
export interface Tally {
  users: number;
  sumY: number;
  sumK: number;
  sumYY: number;
  sumYK: number;
  sumKK: number;
}

export const EMPTY_TALLY: Readonly<Tally> = { users: 0, sumY: 0, sumK: 0, sumYY: 0, sumYK: 0, sumKK: 0 };

/** A unit's totals from its live ratings: the first ten by interaction id, then by name, whatever order they arrived in. */
export function unitTotals(ratings: readonly { interactionId: string; name: string; value: number }[]): UnitTotals {
  const counted = ratings.toSorted((a, b) => order(a.interactionId, b.interactionId) || order(a.name, b.name));
  const values = counted.slice(0, RATINGS_PER_UNIT).map((rating) => rating.value);
  return { y: values.reduce((sum, value) => sum + value, 0), k: values.length };
}

/** The tally of some units; those without a rating leave no trace. */
export function tallyOf(units: readonly UnitTotals[]): Tally {
  return units.reduce<Tally>(addUnit, { ...EMPTY_TALLY });
}

/** The tally with one more unit in it. */
export function addUnit(tally: Tally, unit: UnitTotals): Tally {
  return plus(tally, unit, 1);
}

/** The tally after a unit's totals have changed: what it contributed before goes, what it contributes now comes. */
export function replaceUnit(tally: Tally, before: UnitTotals, after: UnitTotals): Tally {
  return plus(plus(tally, before, -1), after, 1);
}

/** The tallies of several strata, or of several parts of one, as one. */
export function sumOfTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce<Tally>(
    (sum, tally) => ({
      users: sum.users + tally.users,
      sumY: sum.sumY + tally.sumY,
      sumK: sum.sumK + tally.sumK,
      sumYY: sum.sumYY + tally.sumYY,
      sumYK: sum.sumYK + tally.sumYK,
      sumKK: sum.sumKK + tally.sumKK,
    }),
    { ...EMPTY_TALLY },
  );
}

/** Sums that are larger than this would lose their squares to infinity. */
const LARGEST_SUM = 1e100;

/**
 * Why a tally cannot be believed, or null: numbers that are not finite, or that no values of its kind can give. Binary values and
 * fractions lie between 0 and 1; numbers may be anything, below 0 too.
 */
export function tallyFault(tally: Tally, kind: MetricKind = "binary"): string | null {
  for (const name of Object.keys(EMPTY_TALLY) as (keyof Tally)[]) {
    const value = tally[name];
    const most = kind === "number" && !COUNTS.has(name) ? LARGEST_SUM : Number.MAX_SAFE_INTEGER;
    const least = kind === "number" && SIGNED.has(name) ? -most : 0;
    if (!(value >= least && value <= most)) return `${name} is ${value}, not a number from ${least} to ${most}`;
  }
  const { users, sumY, sumK, sumYY, sumYK, sumKK } = tally;
  if (users > 0 !== sumK > 0 || users > sumK) return `${users} users cannot have ${sumK} ratings`;
  if (kind !== "number" && !(atMost(sumY, sumK) && atMost(sumYY, sumYK) && atMost(sumYK, sumKK)))
    return "its ratings are not between 0 and 1";
  // Cauchy and Schwarz: no users whatever give sums of squares smaller than these.
  const bounded =
    atMost(sumK ** 2, users * sumKK) && atMost(sumY ** 2, users * sumYY) && atMost(sumYK ** 2, sumYY * sumKK);
  return bounded ? null : "its sums of squares are smaller than any users' ratings could make them";
}

/** What numbers below 0 can make negative, and what only counts. */
const SIGNED: ReadonlySet<keyof Tally> = new Set(["sumY", "sumYK"]);
const COUNTS: ReadonlySet<keyof Tally> = new Set(["users", "sumK", "sumKK"]);

function plus({ users, sumY, sumK, sumYY, sumYK, sumKK }: Tally, { y, k }: UnitTotals, times: 1 | -1): Tally {
  return {
    users: users + (k > 0 ? times : 0),
    sumY: sumY + times * y,
    sumK: sumK + times * k,
    sumYY: sumYY + times * y * y,
    sumYK: sumYK + times * y * k,
    sumKK: sumKK + times * k * k,
  };
}

function atMost(smaller: number, larger: number): boolean {
  return smaller <= larger * (1 + 1e-9);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
