// One look's numbers: estimate, bounds and e-values together, as they are judged, stored and shown.

import { type Claims, logEOf } from "./claims.ts";
import { boundWidth } from "./e-value.ts";
import type { Estimate, Stratum } from "./estimate.ts";
import { type Metric, signOf } from "./metric.ts";
import { sumOfTallies, type Tally } from "./tally.ts";

/** Chances of a wrong decision that are accepted, each over all looks together. */
export interface ErrorRates {
  promote: number;
  harm: number;
  futile: number;
}

/**
 * Every number is finite. Rates are the metric's own. Difference, lift and bounds count in the better direction: above 0 the challenger
 * is better, also where lower is better. For shares 0.05 is five percentage points; lifts are relative to the champion.
 */
export interface Reading {
  championRate: number;
  challengerRate: number;
  difference: number;
  /** Null when the champion's rate is 0. */
  lift: number | null;
  /** The difference is at least this, and at most `upper`, each at all looks together. */
  lower: number;
  upper: number;
  /** The lift is at most this, by the bound that stops as futile; null when the champion's rate is 0. */
  liftAtMost: number | null;
  /** Difference and lift with the luck of the winner taken out: Δ·φ²/(φ²+V), by the larger variance. */
  shrunkDifference: number;
  shrunkLift: number | null;
  /** V_wald and V_null of the difference. */
  variance: number;
  nullVariance: number;
  /** False when the ratings of one side do not differ from user to user, so that the variances rest on an assumption. */
  spread: boolean;
  /** Natural logarithms of the e-values for "better", "worse" and "below the wanted lift". */
  logEPromote: number;
  logEHarm: number;
  logEFutile: number;
  users: { champion: number; challenger: number };
  ratings: { champion: number; challenger: number };
}

/** The numbers of a look, from its estimate and what is claimed of it. The claims must be judgeable (`judgeable`). */
export function readingOf(
  strata: readonly Stratum[],
  found: Estimate,
  claims: Claims,
  { metric, minLift, phi, alpha }: { metric: Pick<Metric, "better">; minLift: number; phi: number; alpha: ErrorRates },
): Reading {
  const { championRate, challengerRate, variance, nullVariance, spread } = found;
  const sign = signOf(metric);
  const { effect: difference, variance: cautious } = claims.better;
  const lift = found.lift === null ? null : 0 + sign * found.lift;
  const { effect: short, variance: ofShort } = claims.short;
  const shortAtLeast = short - boundWidth(alpha.futile, ofShort, phi) * Math.sqrt(ofShort);
  const liftAtMost = minLift - shortAtLeast / Math.abs(championRate);
  const shrink = phi ** 2 / (phi ** 2 + cautious);
  const champion = sumOfTallies(strata.map((stratum): Tally => stratum.champion));
  const challenger = sumOfTallies(strata.map((stratum): Tally => stratum.challenger));
  return {
    championRate,
    challengerRate,
    difference,
    lift,
    lower: difference - boundWidth(alpha.promote, cautious, phi) * Math.sqrt(cautious),
    upper: difference + boundWidth(alpha.harm, variance, phi) * Math.sqrt(variance),
    liftAtMost: Number.isFinite(liftAtMost) ? liftAtMost : null,
    shrunkDifference: difference * shrink,
    shrunkLift: lift === null ? null : lift * shrink,
    variance,
    nullVariance,
    spread,
    logEPromote: logEOf(claims.better, phi),
    logEHarm: logEOf(claims.worse, phi),
    logEFutile: logEOf(claims.short, phi),
    users: { champion: champion.users, challenger: challenger.users },
    ratings: { champion: champion.sumK, challenger: challenger.sumK },
  };
}
