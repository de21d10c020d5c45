// What the tallies say: each side's rate, the difference, and how uncertain it is when users come back and differ from each other.

import { sumOfTallies, type Tally } from "./tally.ts";

/** The two sides of one stratum. */
export interface Stratum {
  champion: Tally;
  challenger: Tally;
}

export interface Estimate {
  /** Shares of ratings that are thumbs up, weighted alike on both sides, 0 to 1. */
  championRate: number;
  challengerRate: number;
  /** challengerRate − championRate. */
  difference: number;
  /** challengerRate / championRate − 1; null when the champion's rate is 0. */
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
 * KDD 2018) for a rating that is 0 or 1. Null when there is nothing to compare: no stratum with ratings on both sides, or a side of
 * fewer than two users. The tallies must be sound (`tallyFault`).
 */
export function estimate(strata: readonly Stratum[]): Estimate | null {
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

  // A handful of users who all agree have no spread; the floor says that they could have been of another mind.
  const shrunk = (challenger.sumY + 2) / (challenger.sumK + 4);
  const floor = (shrunk * (1 - shrunk)) / challenger.sumK;

  const championRate = rate("champion");
  const challengerRate = rate("challenger");
  const championVariance = variance("champion", champion.users, (stratum) => rateOf(stratum.champion));
  const measured = variance("challenger", challenger.users, (stratum) => rateOf(stratum.challenger));
  const challengerVariance = Math.max(floor, measured);
  return {
    championRate,
    challengerRate,
    difference: challengerRate - championRate,
    lift: championRate > 0 ? challengerRate / championRate - 1 : null,
    championVariance,
    challengerVariance,
    variance: challengerVariance + championVariance,
    spread: Math.min(measured, championVariance) > 0,
    nullVariance:
      Math.max(floor, variance("challenger", challenger.users, pooledRate)) +
      variance("champion", champion.users, pooledRate),
  };
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
  return sum > 1e-12 * sumKK ? sum / sumK ** 2 : 0;
}
