// Power, said beforehand: what a number of ratings can show, by the same e-value bound that the verdict uses.
import logCdf from "@stdlib/stats-base-dists-normal-logcdf";
import { speakable } from "./claims.ts";
import { boundWidth } from "./e-value.ts";
import { countedAfter } from "./growth.ts";
import { type Metric, mostPerUnit } from "./metric.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import { designEffect, type Outlook, unevenness } from "./outlook.ts";
import { pooledSpread, roomOf, spreadsOf, type Values } from "./values.ts";

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

/** What is frozen when an experiment starts: the evidence's scale, in the metric's unit, and the accepted chance of a false promotion. */
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
  // No bound is as narrow as one standard error; it is wide where the scale is far from the difference.
  const most = 1e12 / difference;
  return (1 / (firstFrom(1 / difference, most, (precision) => shown(1 / precision)) ?? most)) ** 2;
}

/** How many values, on both sides together, show a difference with `POWER` when the challenger has this share of them. */
export function ratingsToShow(
  difference: number,
  share: number,
  people: { metric: Metric; values: Values; designEffect: number; unevenness: number },
  yardstick: Yardstick,
): number {
  const { champion, challenger } = spreadsOf(people.values, people.metric, difference);
  const own = people.designEffect * (challenger / share + champion / (1 - share));
  const pooled = people.unevenness * pooledSpread(people.metric, share, difference);
  return (own + pooled) / varianceToShow(difference, yardstick);
}

/** What an experiment by these phases has after so many days, were it better by `difference`. Null before anything counts or is known. */
export function expectedAfter(outlook: Outlook, phases: readonly Phase[], days: number, difference: number) {
  const final = phases.at(-1)!.share;
  const { growth, values, metric } = outlook;
  if (growth === null || values === null) return null;
  const { champion, challenger } = spreadsOf(values, metric, difference);
  // Who enters together is a stratum, as in the estimate: its people are new to the experiment when it opens.
  const strata = phases.flatMap(({ share, from }, index) => {
    const entering = (share - (phases[index - 1]?.share ?? 0)) / final;
    const { users, ratings } = countedAfter(growth, days - from, mostPerUnit(metric.key));
    return ratings * entering > 0
      ? [
          {
            users: users * entering,
            ratings: ratings * entering,
            effect: designEffect(outlook, days - from),
            unevenness: unevenness(outlook, days - from),
          },
        ]
      : [];
  });
  const sum = (of: (stratum: (typeof strata)[number]) => number) => strata.reduce((total, each) => total + of(each), 0);
  const ratings = sum((stratum) => stratum.ratings);
  if (ratings === 0) return null;
  const perRating = challenger / final + champion / (1 - final);
  const perSquare = pooledSpread(metric, final, difference);
  return {
    users: sum((stratum) => stratum.users),
    ratings,
    variance:
      sum(
        ({ effect, unevenness: squares, ...stratum }) => stratum.ratings * (perRating * effect + perSquare * squares),
      ) /
      ratings ** 2,
    /** Whether the rule's minimum of users and ratings is met on both sides. */
    enough:
      MINIMUM_FOR_PROMOTION.users <= final * sum((stratum) => stratum.users) &&
      MINIMUM_FOR_PROMOTION.ratings <= final * ratings &&
      MINIMUM_FOR_HARM.users <= (1 - final) * sum((stratum) => stratum.users) &&
      MINIMUM_FOR_HARM.ratings <= (1 - final) * ratings,
  };
}

/** The smallest difference that so many days show with `POWER`; null when not even the best challenger that there can be would show. */
export function smallestDifference(
  outlook: Outlook,
  phases: readonly Phase[],
  days: number,
  yardstick: Yardstick,
): number | null {
  const expected = expectedAfter(outlook, phases, days, 0);
  if (outlook.values === null || expected === null || !expected.enough) return null;
  // Nothing below a standard error is shown, and beyond a thousand nobody asks. In small steps, since of numbers a very large difference
  // is not shown any better: it is spread, too.
  const deviation = Math.sqrt(expected.variance);
  const most = Math.min(roomOf(outlook.values, outlook.metric), 1000 * deviation);
  const shown = (difference: number) => shows(outlook, phases, days, difference, yardstick);
  return firstFrom(Math.min(deviation, most), most, shown, 1.1);
}

/** Days until a difference is shown with `POWER`; null when ten years do not. */
export function daysToShow(
  outlook: Outlook,
  phases: readonly Phase[],
  difference: number,
  yardstick: Yardstick,
): number | null {
  return firstDay((days) => shows(outlook, phases, days, difference, yardstick));
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
  if (!speakable(difference, variance, phi)) return 0;
  return Math.exp(logCdf(difference / Math.sqrt(variance) - boundWidth(alpha, variance, phi), 0, 1));
}

/**
 * The chance that a challenger that is exactly as good is shown to be worse by less than the margin, at one look, with this variance: a
 * guardrail's bound is tuned for its margin (φ = M), and must lie below it.
 */
export function chanceToClear(margin: number, variance: number, alpha: number): number {
  if (!speakable(margin, variance, margin)) return 0;
  return Math.exp(logCdf(margin / Math.sqrt(variance) - boundWidth(alpha, variance, margin), 0, 1));
}

/** The first day, or part of one, from which on something holds; null when it does not in ten years. */
export function firstDay(holds: (days: number) => boolean): number | null {
  return firstFrom(1, LONGEST, holds);
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

/** Where `holds` begins to hold, found upwards from `start`, each step so many times the one before; null when it does not up to `most`. */
function firstFrom(start: number, most: number, holds: (value: number) => boolean, step = 2): number | null {
  let high = start;
  while (!holds(high)) {
    if (high >= most) return null;
    high = Math.min(most, high * step);
  }
  return smallest(high > start ? high / step : 0, high, holds);
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
