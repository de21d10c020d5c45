// What a look asks of an estimate: is the challenger better, is it worse, does it stay below the wanted lift?

import { logEValue } from "./e-value.ts";
import type { Estimate } from "./estimate.ts";
import { type Metric, signOf } from "./metric.ts";

/** An effect that is above 0 when the claim is true, and the variance of its estimate, both in the metric's unit. */
export interface Claim {
  effect: number;
  variance: number;
}

export interface Claims {
  /** By the larger of V_wald and V_null: a promotion is the decision that must not be wrong. */
  better: Claim;
  worse: Claim;
  /** By how much the challenger stays below (1 + minLift) times the champion, in the better direction. */
  short: Claim;
}

/** The three claims, in the metric's better direction: for one whose lower is better, a fall is an improvement. */
export function claimsOf(found: Estimate, minLift: number, metric: Pick<Metric, "better">): Claims {
  const sign = signOf(metric);
  const improvement = 0 + sign * found.difference; // a difference of 0 stays +0
  // The wanted value of a metric whose lower is better is (1 − minLift) times the champion's; of one below 0, likewise.
  const wanted = 1 + sign * Math.sign(found.championRate) * minLift;
  return {
    better: { effect: improvement, variance: Math.max(found.variance, found.nullVariance) },
    worse: { effect: -improvement, variance: found.variance },
    short: {
      effect: sign * (wanted * found.championRate - found.challengerRate),
      variance: found.challengerVariance + wanted ** 2 * found.championVariance,
    },
  };
}

/** Whether e-values of these claims can be computed: variances above 0, on a scale that `phi` can speak of. */
export function judgeable(claims: Claims, phi: number): boolean {
  return Object.values(claims).every(({ effect, variance }: Claim) => speakable(effect, variance, phi));
}

/** The same of a single effect. */
export function speakable(effect: number, variance: number, phi: number): boolean {
  const ratio = phi ** 2 / variance;
  return variance > 0 && ratio > 1e-18 && ratio < 1e250 && Math.abs(effect) / Math.sqrt(variance) < 1e100;
}

/** The e-value of a claim, as its natural logarithm. */
export function logEOf({ effect, variance }: Claim, phi: number): number {
  return logEValue(effect, variance, phi);
}
