// What an experiment may expect of a loop's people: measured where there is enough to measure, else typical numbers, marked as such.
import { type Counted, countedAfter, type Growth } from "./growth.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import type { Tally } from "./tally.ts";

/** A loop's recent ratings, read as if an experiment of all users had begun with the first of these days. */
export interface Traffic {
  /** Days that were read, a fraction where there is less than one. */
  days: number;
  /** Answers, and thumbs on them: of somebody an assignment can stick to, and of nobody (these count in no experiment). */
  interactions: number;
  ratings: number;
  anonymous: number;
  /** Users who rated on a day, summed over the days. */
  userDays: number;
  /** The sums so far (a user's first ten), the earliest first; empty without ratings. */
  growth: readonly { days: number; tally: Tally }[];
}

export type Assumption = "traffic" | "approval" | "correlation";
/** Why the approval could not be measured: it takes 15 users and 40 ratings, and some of either kind. */
export type Unmeasured = "no_ratings" | "too_few" | "all_up" | "all_down";

export interface Outlook {
  /** Share of thumbs up, strictly between 0 and 1. */
  approval: number;
  /** How much one user's ratings resemble each other: 0 not at all; 1 they are always the same. */
  correlation: number;
  /** Null without any rating to measure it by. */
  growth: Growth | null;
  /** Which of these are typical numbers rather than the loop's own. */
  assumed: readonly Assumption[];
  /** Null when the approval is the loop's own. */
  unmeasured: Unmeasured | null;
}

/** Typical of a loop with thumbs; four ratings a user, some many and most few, so that the squares are seven times the ratings. */
export const TYPICAL = { approval: 0.8, correlation: 0.1, unevenness: 7 } as const;

/** Below this many ratings over a user's first, on average, nobody can say how much they resemble each other. */
const LEAST_REPEATED = 0.1;

/** What the traffic lets an experiment expect. Whatever comes in, every number is finite. */
export function outlookOf(traffic: Traffic): Outlook {
  const { approval, correlation } = TYPICAL;
  const total = traffic.growth.at(-1)?.tally;
  const unmeasured = whyUnmeasured(total);
  if (total === undefined || unmeasured === "no_ratings")
    return { approval, correlation, growth: null, assumed: ["traffic", "approval", "correlation"], unmeasured };
  const growth = traffic.growth.map(
    ({ days, tally }): Counted => ({ days, users: tally.users, ratings: tally.sumK, squares: tally.sumKK }),
  );
  if (unmeasured !== null) return { approval, correlation, growth, assumed: ["approval", "correlation"], unmeasured };
  const measured = correlationOf(total);
  return {
    approval: total.sumY / total.sumK,
    correlation: measured ?? correlation,
    growth,
    assumed: measured === null ? ["correlation"] : [],
    unmeasured,
  };
}

function whyUnmeasured(total: Tally | undefined): Unmeasured | null {
  if (total === undefined || total.sumK === 0) return "no_ratings";
  if (total.users < MINIMUM_FOR_HARM.users || total.sumK < MINIMUM_FOR_HARM.ratings) return "too_few";
  if (total.sumY >= total.sumK) return "all_up";
  return total.sumY <= 0 ? "all_down" : null;
}

/**
 * How much a user's ratings resemble each other, from the spread between users that the verdict would see (delta method, as in
 * `estimate`): it is p(1−p)·(1 + correlation·(Σk²/Σk − 1)) for each rating. Null where too few users rate more than once.
 */
function correlationOf({ users, sumY, sumK, sumYY, sumYK, sumKK }: Tally): number | null {
  const repeated = sumKK / sumK - 1;
  if (users < MINIMUM_FOR_PROMOTION.users || repeated < LEAST_REPEATED) return null;
  const rate = sumY / sumK;
  const spread = ((users / (users - 1)) * (sumYY - 2 * rate * sumYK + rate ** 2 * sumKK)) / sumK;
  return Math.max(0, (spread / (rate * (1 - rate)) - 1) / repeated);
}

/** How many ratings say as much as one of somebody who rates once: 1 or more, and more the longer people come back. */
export function designEffect({ correlation, growth }: Outlook, days: number): number {
  const counted = growth === null ? null : countedAfter(growth, days);
  const unevenness = counted === null || counted.ratings === 0 ? TYPICAL.unevenness : counted.squares / counted.ratings;
  return 1 + correlation * Math.max(0, unevenness - 1);
}
