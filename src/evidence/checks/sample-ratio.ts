// Do the two sides have the users that they should? If not, something loses or doubles some of them, and no comparison holds.

import logGamma from "@stdlib/math-base-special-gammaln";
import type { Stratum } from "../estimate.ts";
import { decimal, percent } from "../figures.ts";
import type { Check } from "./check.ts";

/** How sure the test is beforehand that the shares are as planned, in users. */
const CONCENTRATION = 100;

/** One false alarm in a thousand experiments. */
const ALARM = Math.log(1000);

/**
 * Natural logarithm of the e-value against "each unit falls to side i with probability `shares[i]`" (Lindon and Malek, NeurIPS 2022):
 * lnΓ(k) − lnΓ(k+n) + Σ[lnΓ(kθᵢ+nᵢ) − lnΓ(kθᵢ) − nᵢ ln θᵢ] with k = 100. It may be looked at as often as one likes. Counts are whole
 * numbers from 0 on; shares lie between 0 and 1, and their sum is 1.
 */
export function logESampleRatio(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (sum, count, side) => {
      const share = shares[side]!;
      const prior = CONCENTRATION * share;
      return sum + logGamma(prior + count) - logGamma(prior) - count * Math.log(share);
    },
    logGamma(CONCENTRATION) - logGamma(CONCENTRATION + total),
  );
}

/**
 * One e-value for each phase of a ramp, multiplied: phases let different units in. `rated` has every unit that was exposed, rated or
 * not; `share` is the challenger's final share, which holds in every phase.
 */
export function checkSampleRatio(rated: readonly Stratum[], share: number): Check {
  const logE = rated.reduce(
    (sum, { champion, challenger }) => sum + logESampleRatio([champion.users, challenger.users], [1 - share, share]),
    0,
  );
  const champion = rated.reduce((sum, stratum) => sum + stratum.champion.users, 0);
  const challenger = rated.reduce((sum, stratum) => sum + stratum.challenger.users, 0);
  const users = champion + challenger;
  const passed = logE < ALARM;
  const found =
    users === 0
      ? "no users yet"
      : `${percent(challenger / users)} of ${decimal(users)} users have the challenger, where ${percent(share)} should`;
  return {
    name: "sample ratio",
    passed,
    ...(users === 0 ? { told: "not checked" as const } : {}),
    acts: "blocks",
    alarm: !passed,
    words: passed ? found : `${found}, which is no accident; ${WHERE_TO_LOOK}`,
    numbers: { logE, champion, challenger, share },
  };
}

const WHERE_TO_LOOK =
  "see whether one model's answers get lost before they are recorded (time-outs, crashes, retries), whether a client assigns by itself, and whether robots are among the users";
