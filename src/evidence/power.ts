// Power, said beforehand: what a number of ratings can show, by the same e-value bound that the verdict uses.
import logCdf from "@stdlib/stats-base-dists-normal-logcdf";
import { boundWidth } from "./e-value.ts";
import { countedAfter } from "./growth.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import { designEffect, type Outlook } from "./outlook.ts";

/** How often a difference that is really there shall be found. */
export const POWER = 0.8;
/** The standard normal quantile of POWER. */
const QUANTILE = 0.8416212335729143;

/** Days. Further ahead nobody plans. */
export const LONGEST = 3650;

/** The share of users who meet the challenger from then on, in days since the start. A fixed share is one phase from 0. */
export interface Phase {
  share: number;
  from: number;
}

/** What is frozen when an experiment starts: the evidence's scale, and the chance of a false promotion that is accepted. */
export interface Yardstick {
  phi: number;
  alpha: number;
}

/**
 * The largest variance of the estimate at which a true `difference` is shown with `POWER` at one look: the estimate, which
 * misses by z standard errors in the other cases, must exceed the bound's width. Looking more often can only find it sooner.
 */
export function varianceToShow(difference: number, { phi, alpha }: Yardstick): number {
  const shown = (deviation: number) => (boundWidth(alpha, deviation ** 2, phi) + QUANTILE) * deviation <= difference;
  // No bound is as wide as a thousand standard errors, and none as narrow as one.
  return (1 / smallest(1 / difference, 1000 / difference, (precision) => shown(1 / precision))) ** 2;
}

/** How many ratings, on both sides together, show a difference with `POWER` when the challenger has this share of them. */
export function ratingsToShow(
  difference: number,
  share: number,
  people: { approval: number; designEffect: number },
  yardstick: Yardstick,
): number {
  const { champion, challenger } = spreads(people.approval, difference);
  return (people.designEffect * (challenger / share + champion / (1 - share))) / varianceToShow(difference, yardstick);
}

/** What an experiment by these phases has after so many days, were `difference` the truth. Null before anything counts. */
export function expectedAfter(outlook: Outlook, phases: readonly Phase[], days: number, difference: number) {
  const final = phases.at(-1)!.share;
  const { champion, challenger } = spreads(outlook.approval, difference);
  const { growth } = outlook;
  if (growth === null) return null;
  // Who enters together is a stratum, as in the estimate: its people are new to the experiment when it opens.
  const strata = phases.flatMap(({ share, from }, index) => {
    const entering = (share - (phases[index - 1]?.share ?? 0)) / final;
    const { users, ratings } = countedAfter(growth, days - from);
    return ratings * entering > 0
      ? [{ users: users * entering, ratings: ratings * entering, effect: designEffect(outlook, days - from) }]
      : [];
  });
  const sum = (of: (stratum: (typeof strata)[number]) => number) => strata.reduce((total, each) => total + of(each), 0);
  const ratings = sum((stratum) => stratum.ratings);
  if (ratings === 0) return null;
  const perRating = challenger / final + champion / (1 - final);
  return {
    users: sum((stratum) => stratum.users),
    ratings,
    variance: (perRating * sum((stratum) => stratum.ratings * stratum.effect)) / ratings ** 2,
    /** Whether the rule's minimum of users and ratings is met on both sides. */
    enough:
      MINIMUM_FOR_PROMOTION.users <= final * sum((stratum) => stratum.users) &&
      MINIMUM_FOR_PROMOTION.ratings <= final * ratings &&
      MINIMUM_FOR_HARM.users <= (1 - final) * sum((stratum) => stratum.users) &&
      MINIMUM_FOR_HARM.ratings <= (1 - final) * ratings,
  };
}

/** The smallest difference that so many days show with `POWER`; null when not even a challenger without a thumb down would show. */
export function smallestDifference(
  outlook: Outlook,
  phases: readonly Phase[],
  days: number,
  yardstick: Yardstick,
): number | null {
  const room = 1 - outlook.approval;
  if (!shows(outlook, phases, days, room, yardstick)) return null;
  return smallest(0, room, (difference) => shows(outlook, phases, days, difference, yardstick));
}

/** Days until a difference is shown with `POWER`; null when ten years do not. */
export function daysToShow(
  outlook: Outlook,
  phases: readonly Phase[],
  difference: number,
  yardstick: Yardstick,
): number | null {
  const reached = (days: number) => shows(outlook, phases, days, difference, yardstick);
  let high = 1;
  while (!reached(high)) {
    if (high >= LONGEST) return null;
    high = Math.min(LONGEST, high * 2);
  }
  return smallest(high > 1 ? high / 2 : 0, high, reached);
}

/** The chance that a true difference is shown when one looks after so many days, from 0 to 1. */
export function chanceToShow(
  outlook: Outlook,
  phases: readonly Phase[],
  days: number,
  difference: number,
  { phi, alpha }: Yardstick,
): number {
  const expected = expectedAfter(outlook, phases, days, difference);
  if (expected === null || !expected.enough) return 0;
  const { variance } = expected;
  return Math.exp(logCdf(difference / Math.sqrt(variance) - boundWidth(alpha, variance, phi), 0, 1));
}

function shows(
  outlook: Outlook,
  phases: readonly Phase[],
  days: number,
  difference: number,
  yardstick: Yardstick,
): boolean {
  return difference > 0 && chanceToShow(outlook, phases, days, difference, yardstick) >= POWER;
}

/** Of one rating of somebody who rates once. The challenger's is never taken as smaller than the champion's, for caution. */
function spreads(approval: number, difference: number): { champion: number; challenger: number } {
  const champion = approval * (1 - approval);
  const raised = Math.min(1, approval + difference);
  return { champion, challenger: Math.max(champion, raised * (1 - raised)) };
}

/** Where `holds` begins to hold between the two, to a thousandth of a percent; at `high` it does. */
function smallest(low: number, high: number, holds: (value: number) => boolean): number {
  let [below, above] = [low, high];
  while (above - below > 1e-5 * above) {
    const middle = (below + above) / 2;
    if (holds(middle)) above = middle;
    else below = middle;
  }
  return above;
}
