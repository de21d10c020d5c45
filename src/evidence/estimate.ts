// What the tallies say: each side's rate, the difference, and how uncertain it is when users come back and differ from each other.

import type { MetricKind } from "./metric.ts";
import { sumOfTallies, type Tally } from "./tally.ts";

/** The two sides of one stratum. */
export interface Stratum {
  champion: Tally;
  challenger: Tally;
}

export interface Estimate {
  /** Means of the values, weighted alike on both sides: for ratings the share of thumbs up, 0 to 1. */
  championRate: number;
  challengerRate: number;
  /** challengerRate − championRate. */
  difference: number;
  /** The difference relative to the size of the champion's rate; null when that is 0, or next to it. */
  lift: number | null;
  /** Variances of the two rates, each around its own side's rate; their sum is V_wald. */
  championVariance: number;
  challengerVariance: number;
  /** V_wald, for harm and futility. */
  variance: number;
  /** V_null: as if both sides had the same rate. Promotion uses the larger of the two. */
  nullVariance: number;
  /** Whether users differ at all on both sides. Where they don't, as when every thumb is up, nobody knows the real spread. */
  spread: boolean;
}

/**
 * Mantel-Haenszel over the strata, so that a ramp does not bias it, with variances clustered by user (delta method: Deng, Knoblich, Lu,
 * KDD 2018), for a metric of any kind. The challenger's variance has a floor where the values are binary, or fractions that are all
 * alike; of anything but binary values neither side's is less than the other side's values would give it, and it is 0 where nobody's differ. Null when there is nothing to compare: no stratum with
 * values on both sides, or a side of fewer than two users. The tallies must be sound (`tallyFault`, of the same kind).
 */
export function estimate(strata: readonly Stratum[], kind: MetricKind = "binary"): Estimate | null {
  const weighed = strata
    .map((stratum) => ({ ...stratum, weight: weightOf(stratum) }))
    .filter(({ weight }) => weight > 0);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const challenger = sumOfTallies(strata.map((stratum) => stratum.challenger));
  const champion = sumOfTallies(strata.map((stratum) => stratum.champion));
  if (total === 0 || challenger.users < 2 || champion.users < 2) return null;

  const rate = (side: keyof Stratum) =>
    weighed.reduce((sum, stratum) => sum + (stratum.weight / total) * (stratum[side].sumY / stratum[side].sumK), 0);
  const variance = (side: keyof Stratum, users: number, centre: (stratum: Stratum) => number) =>
    (users / (users - 1)) *
    weighed.reduce(
      (sum, stratum) => sum + (stratum.weight / total) ** 2 * squaredError(stratum[side], centre(stratum)),
      0,
    );

  const championRate = rate("champion");
  const challengerRate = rate("challenger");
  const measured = {
    champion: variance("champion", champion.users, (stratum) => rateOf(stratum.champion)),
    challenger: variance("challenger", challenger.users, (stratum) => rateOf(stratum.challenger)),
  };
  const least = kind === "binary" || (kind === "fraction" && measured.challenger === 0) ? leastVariance(challenger) : 0;
  const floor = kind === "binary" ? least : Math.max(least, spreadOf(measured.champion, champion, challenger));
  const challengerVariance = Math.max(floor, measured.challenger);
  const championVariance =
    kind === "binary"
      ? measured.champion
      : Math.max(measured.champion, spreadOf(measured.challenger, challenger, champion));
  return {
    championRate,
    challengerRate,
    difference: challengerRate - championRate,
    lift: liftOf(challengerRate - championRate, championRate),
    championVariance,
    challengerVariance,
    variance: challengerVariance + championVariance,
    spread: Math.min(measured.champion, measured.challenger) > 0,
    nullVariance:
      Math.max(floor, variance("challenger", challenger.users, pooledRate)) +
      variance("champion", champion.users, pooledRate),
  };
}

function liftOf(difference: number, rate: number): number | null {
  const lift = difference / Math.abs(rate);
  return Number.isFinite(lift) ? lift : null;
}

/** A handful of users who all agree have no spread; this says that they could have been of another mind: p̃(1−p̃)/K, p̃ = (Y+2)/(K+4). */
export function leastVariance({ sumY, sumK }: Tally): number {
  const shrunk = (sumY + 2) / (sumK + 4);
  return (shrunk * (1 - shrunk)) / sumK;
}

/**
 * Of what is rare, or skewed, a few values all look alike: taken at its word, the side that has them would be sure of itself. So its
 * variance is never less than the other side's values, as many as it has, would give it.
 */
function spreadOf(variance: number, of: Tally, on: Tally): number {
  return (variance * of.sumK) / on.sumK;
}

/** Large where both sides have ratings, 0 where one has none: such a stratum compares nothing. */
function weightOf({ champion, challenger }: Stratum): number {
  const ratings = champion.sumK + challenger.sumK;
  return ratings === 0 ? 0 : (champion.sumK * challenger.sumK) / ratings;
}

function rateOf(tally: Tally): number {
  return tally.sumY / tally.sumK;
}

function pooledRate({ champion, challenger }: Stratum): number {
  return (champion.sumY + challenger.sumY) / (champion.sumK + challenger.sumK);
}

/** Σ (y − rate·k)² / K² over the users; a sum that is nothing but rounding is 0. */
function squaredError({ sumK, sumYY, sumYK, sumKK }: Tally, rate: number): number {
  const sum = sumYY - 2 * rate * sumYK + rate ** 2 * sumKK;
  return sum > 1e-12 * (sumYY + rate ** 2 * sumKK) ? sum / sumK ** 2 : 0;
}
