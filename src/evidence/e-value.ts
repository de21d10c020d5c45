// How strongly a difference speaks against "no better than", in a currency that stays honest however often people look.

import logCdf from "@stdlib/stats-base-dists-normal-logcdf";
import type { MetricKind } from "./metric.ts";

/**
 * Natural logarithm of the one-sided e-value against "the true effect is at most 0": large when `effect` is above 0 by more than
 * chance explains. The chance that it ever reaches 1/alpha without a true effect is at most alpha, at any number of looks.
 *
 * Half-normal mixture of scale `phi` (Howard, Ramdas, McAuliffe, Sekhon, Annals of Statistics 49(2), 2021):
 * with r = phi²/variance and z = effect/√variance, ln e = ln 2 − ½ ln(1+r) + z²·r/(2(1+r)) + ln Φ(z·√(r/(1+r))).
 * `effect` and `phi` are in the metric's unit, `variance` in its square. Throws a RangeError unless `phi` and `variance` are above 0.
 */
export function logEValue(effect: number, variance: number, phi: number): number {
  if (!(variance > 0 && variance < Infinity))
    throw new RangeError(`the variance of an estimate must be above 0, not ${variance}`);
  if (!(phi > 0 && phi < Infinity)) throw new RangeError(`phi must be above 0, not ${phi}`);
  const reach = phi ** 2 / (phi ** 2 + variance); // r / (1+r), which does not overflow
  const pull = (effect / Math.sqrt(variance)) * Math.sqrt(reach);
  return Math.LN2 - Math.log1p(phi ** 2 / variance) / 2 + logTail(pull);
}

/** pull²/2 + ln Φ(pull), whose two terms cancel far below 0: there by Mills' ratio, to a part in 10^10. */
function logTail(pull: number): number {
  return pull < -1e5 ? -Math.log(-pull * Math.sqrt(2 * Math.PI)) : pull ** 2 / 2 + logCdf(pull, 0, 1);
}

/**
 * How many standard errors the lower bound lies below the estimate: the effect, in standard errors, at which the e-value is
 * exactly 1/alpha. The bound `effect − width·√variance` holds at all looks together with probability 1 − alpha.
 * About 2.8 at alpha = .05. Throws a RangeError unless 0 < alpha < 1, and as `logEValue` does.
 */
export function boundWidth(alpha: number, variance: number, phi: number): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must lie between 0 and 1, not ${alpha}`);
  const atNoEffect = logEValue(0, variance, phi); // checks variance and phi; ln Φ(0) = −ln 2 is in it
  const root = Math.sqrt(phi ** 2 / (phi ** 2 + variance));
  // What is to be solved, pull²/2 + ln Φ(pull) = wanted, rises and bends upwards everywhere: from above, Newton's steps only fall,
  // and double the correct digits: after one of a billionth nothing is left to correct.
  const wanted = -Math.log(alpha) - atNoEffect - Math.LN2;
  let pull = Math.sqrt(2 * (wanted + Math.LN2)); // above the solution, since ln Φ(pull) ≥ −ln 2
  for (let step = Infinity; step > 1e-9 * pull; pull -= step) {
    const logPhi = logCdf(pull, 0, 1);
    const density = Math.exp(-(pull ** 2) / 2 - logPhi) / Math.sqrt(2 * Math.PI); // φ(pull) / Φ(pull)
    step = (pull ** 2 / 2 + logPhi - wanted) / (pull + density);
  }
  if (!(pull < 1e12 * root)) throw new RangeError(`phi (${phi}) is too small for a variance of ${variance}`);
  return pull / root;
}

/** What the e-values are tuned for, in wanted lifts. */
export const PHI_PER_LIFT = 1.5;

/** The wanted lift of a loop that names none, and what is tuned for where any is welcome. */
const USUAL_LIFT = 0.05;

/**
 * The effect, in the metric's unit, that the e-values are tuned for: one and a half times the wanted lift on the size of the champion's
 * value when the experiment starts. Frozen then. Operating characteristics hardly change from .05 to .08 around the .06 of a champion
 * at .80. Where the champion has no value yet, .80 is taken for a share, and 1 for a number. Never below 1/160 of that value (.005 at
 * .80), where tuned for less no experiment would come to an end, and of a share never above 1.
 */
export function phiAtStart(minLift: number, championValue: number | null, kind: MetricKind = "binary"): number {
  const size = Math.abs(championValue ?? 0);
  const known = size > 0 && size <= (kind === "number" ? 1e50 : 1);
  const value = known ? size : kind === "number" ? 1 : 0.8;
  const lift = minLift > 0 ? minLift : USUAL_LIFT; // who wants any improvement is served by the usual scale, not by the smallest
  if (kind === "number") return Math.max(value / 160, PHI_PER_LIFT * lift * value);
  return Math.min(1, Math.max(0.005, PHI_PER_LIFT * lift * value)); // no two shares differ by more than 1
}
