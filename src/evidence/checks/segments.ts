// Does the challenger do harm in one kind of answer, though it is better on the whole?

import { logEValue } from "../e-value.ts";
import { estimate, type Stratum } from "../estimate.ts";
import { percent, points } from "../figures.ts";
import { enoughForHarm, MINIMUM_FOR_HARM } from "../minimum.ts";
import type { Check } from "./check.ts";

/** The approval of one action type. */
export interface SegmentEvidence {
  name: string;
  strata: readonly Stratum[];
}

/** Of the segments that are flagged, at most this share is flagged by chance. */
const FALSE_DISCOVERIES = 0.05;

/**
 * e-BH (Wang and Ramdas, JRSS B 84(3), 2022): the places of the hypotheses that are rejected, when of those at most `alpha` may be wrong
 * on average, whatever depends on what: the k largest e-values, for the largest k with e_(k) ≥ m / (k·alpha). Takes natural logarithms.
 */
export function eBenjaminiHochberg(logEs: readonly number[], alpha: number): number[] {
  const order = logEs.map((_, place) => place).sort((left, right) => logEs[right]! - logEs[left]!);
  const count =
    order.findLastIndex((place, rank) => logEs[place]! >= Math.log(logEs.length / ((rank + 1) * alpha))) + 1;
  return order.slice(0, count);
}

/**
 * An e-value of harm for each segment that has enough ratings to find harm by, at scale `phi` of approval. Tallies must be sound. Any flag needs a person:
 * the challenger may be better on the whole, and whether that is worth the harm in one place is no question of statistics.
 */
export function checkSegments(segments: readonly SegmentEvidence[], phi: number): Check {
  const judged = segments.flatMap(({ name, strata }) => {
    const found = enoughForHarm(strata) ? estimate(strata) : null;
    return found === null ? [] : [{ name, found, logE: logEValue(0 - found.difference, found.variance, phi) }];
  });
  const flagged = eBenjaminiHochberg(
    judged.map(({ logE }) => logE),
    FALSE_DISCOVERIES,
  ).map((place) => judged[place]!);
  const passed = flagged.length === 0;
  const worst = judged.reduce((most, { logE }) => Math.max(most, logE), -Infinity);
  return {
    name: "segments",
    passed,
    ...(judged.length === 0 ? { told: "not checked" as const } : {}),
    acts: "asks",
    alarm: !passed,
    words: passed
      ? judged.length === 0
        ? `no action type has the ${MINIMUM_FOR_HARM.ratings} ratings from ${MINIMUM_FOR_HARM.users} users on each side that it takes`
        : `no harm seen in ${judged.length === 1 ? "the one action type" : `any of the ${judged.length} action types`} with enough ratings`
      : flagged
          .map(
            ({ name, found }) =>
              `"${name}" got worse (approval ${percent(found.challengerRate)} against ${percent(found.championRate)}, ${points(found.difference)})`,
          )
          .join(", "),
    numbers: {
      segments: segments.length,
      judged: judged.length,
      flagged: flagged.length,
      largestLogE: judged.length === 0 ? null : worst,
    },
  };
}
