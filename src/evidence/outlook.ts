// What an experiment may expect of a loop's people: measured where there is enough to measure; else typical numbers, marked as such, of
// approval, and of any other metric nothing.
import { type Counted, countedAfter, type Growth } from "./growth.ts";
import { APPROVAL, type Metric, mostPerUnit } from "./metric.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import type { Tally } from "./tally.ts";
import { binaryValues, type Values } from "./values.ts";

/** A loop's recent ratings, or values of another metric, as if an experiment of all users had begun with the first of these days. */
export interface Traffic {
  /** Days that were read, a fraction where there is less than one. */
  days: number;
  /** Answers, and values on them: of somebody an assignment can stick to, and of nobody (these count in no experiment). */
  interactions: number;
  ratings: number;
  anonymous: number;
  /** Users who rated on a day, summed over the days. */
  userDays: number;
  /** The sums so far (of ratings a user's first ten), the earliest first; empty without ratings. */
  growth: readonly { days: number; tally: Tally }[];
  /** Of the values of users, those on answers that none of the loop's models gave; not told of thumbs. */
  elsewhere?: number;
  /** What single values are like that count; absent of thumbs, whose mean says it, and where there are none. */
  values?: Omit<Values, "mean">;
}

export type Assumption = "traffic" | "approval" | "correlation";
/**
 * Why the metric could not be measured: it takes 15 users and 40 values, and of thumbs some of either kind. Of another metric not all
 * may be alike, nor their mean 0, of which no lift can be given.
 */
export type Unmeasured = "no_ratings" | "too_few" | "all_up" | "all_down" | "alike" | "zero";

export interface Outlook {
  metric: Metric;
  /** Of approval typical ones where it could not be measured; null then of any other metric, since nothing is known of it. */
  values: Values | null;
  /** How much one user's ratings resemble each other: 0 not at all; 1 they are always the same. */
  correlation: number;
  /** Null without any rating to measure it by. */
  growth: Growth | null;
  /** Which of these are typical numbers rather than the loop's own. */
  assumed: readonly Assumption[];
  /** Null when the values are the loop's own. */
  unmeasured: Unmeasured | null;
}

/** Typical of a loop with thumbs; four ratings a user, some many and most few, so that the squares are seven times the ratings. */
export const TYPICAL = { approval: 0.8, correlation: 0.1, unevenness: 7 } as const;

/** Below this many ratings over a user's first, on average, nobody can say how much they resemble each other. */
const LEAST_REPEATED = 0.1;

/** What the traffic lets an experiment expect of its primary metric. Whatever comes in, every number is finite. */
export function outlookOf(traffic: Traffic, metric: Metric = APPROVAL): Outlook {
  const total = traffic.growth.at(-1)?.tally;
  const unmeasured = whyUnmeasured(total, metric, traffic.values);
  const growth = traffic.growth.map(
    ({ days, tally }): Counted => ({ days, users: tally.users, ratings: tally.sumK, squares: tally.sumKK }),
  );
  const outlook = {
    metric,
    correlation: TYPICAL.correlation,
    growth: unmeasured === "no_ratings" ? null : growth,
    unmeasured,
  };
  if (unmeasured !== null && metric.key !== APPROVAL.key) return { ...outlook, values: null, assumed: [] };
  if (total === undefined || unmeasured !== null)
    return {
      ...outlook,
      values: binaryValues(TYPICAL.approval),
      assumed: unmeasured === "no_ratings" ? ["traffic", "approval", "correlation"] : ["approval", "correlation"],
    };
  const mean = total.sumY / total.sumK;
  const values =
    traffic.values === undefined || traffic.values.binary ? binaryValues(mean) : { mean, ...traffic.values };
  const correlation = correlationOf(total, values);
  return {
    ...outlook,
    values,
    correlation: correlation ?? TYPICAL.correlation,
    assumed: correlation === null ? ["correlation"] : [],
  };
}

/** What differs by less than this part of its size differs by rounding, for the verdict too. */
const ROUNDING = 1e-12;

function whyUnmeasured(total: Tally | undefined, metric: Metric, values: Traffic["values"]): Unmeasured | null {
  if (total === undefined || total.sumK === 0) return "no_ratings";
  if (total.users < MINIMUM_FOR_HARM.users || total.sumK < MINIMUM_FOR_HARM.ratings) return "too_few";
  const mean = total.sumY / total.sumK;
  if (metric.key !== APPROVAL.key) {
    if (values === undefined || !(values.variance > ROUNDING * mean ** 2)) return "alike";
    return mean ** 2 > ROUNDING * values.variance ? null : "zero";
  }
  if (total.sumY >= total.sumK) return "all_up";
  return total.sumY <= 0 ? "all_down" : null;
}

/**
 * How much a user's values resemble each other, from the spread between users that the verdict would see (delta method, as in
 * `estimate`): it is variance·(1 + correlation·(Σk²/Σk − 1)) for each value. Null where too few users have more than one.
 */
function correlationOf({ users, sumY, sumK, sumYY, sumYK, sumKK }: Tally, { variance }: Values): number | null {
  const repeated = sumKK / sumK - 1;
  if (users < MINIMUM_FOR_PROMOTION.users || repeated < LEAST_REPEATED) return null;
  const rate = sumY / sumK;
  const spread = ((users / (users - 1)) * (sumYY - 2 * rate * sumYK + rate ** 2 * sumKK)) / sumK;
  return Math.max(0, (spread / variance - 1) / repeated);
}

/** How many values say as much as one of somebody who gives one: 1 or more, and more the longer people come back. */
export function designEffect(outlook: Outlook, days: number): number {
  return 1 + outlook.correlation * Math.max(0, unevenness(outlook, days) - 1);
}

/** How unevenly people give values: the squares of their numbers for each value, 1 where everybody gives one. */
export function unevenness({ metric, growth }: Outlook, days: number): number {
  const counted = growth === null ? null : countedAfter(growth, days, mostPerUnit(metric.key));
  return counted === null || counted.ratings === 0 ? TYPICAL.unevenness : counted.squares / counted.ratings;
}
