// The rule by which every look is judged: what it needs to know, what it may decide, and the order in which it decides.

import type { ExperimentParameters } from "../domain/experiment.ts";
import type { Stratum } from "./estimate.ts";
import { type ErrorRates, type Reading, takeReading } from "./reading.ts";
import { tallyFault } from "./tally.ts";

/** Promote and harm wrongly in at most one experiment of twenty, stop wrongly in at most one of ten. */
export const ERROR_RATES: Readonly<ErrorRates> = { promote: 0.05, harm: 0.05, futile: 0.1 };

/** Clustered variances need users: below these the e-values' promise does not hold, so nothing is decided. */
export const MINIMUM_FOR_HARM = { users: 15, ratings: 40 } as const; // of either side
export const MINIMUM_FOR_PROMOTION = { users: 30, ratings: 100 } as const; // of the challenger; to stop as futile too

/** An online condition on promotion. Its words say what was found, for a person. */
export interface Check {
  name: string;
  passed: boolean;
  words: string;
}

export interface VerdictFacts {
  strata: readonly Stratum[];
  /** Milliseconds since the experiment started. */
  elapsed: number;
  checks: readonly Check[];
}

/** Frozen at the experiment's start. Durations in milliseconds. */
export type VerdictPolicy = Pick<
  ExperimentParameters,
  "minLift" | "phi" | "minEvidence" | "minDuration" | "maxDuration"
> & {
  alpha?: Readonly<ErrorRates>; // ERROR_RATES by default
};

/** Why nothing is decided yet. */
export type Hold =
  | { because: "invalid"; fault: string; numbers: null } // the facts or the policy are not numbers that can be judged
  | { because: "nothing_to_compare"; numbers: null } // no ratings, or a single user, on one side
  | { because: "too_few"; numbers: Reading } // users or ratings
  | { because: "undecided"; numbers: Reading }
  | { because: "no_spread"; numbers: Reading } // to be promoted, but one side's users all rate alike
  | { because: "check_failed"; numbers: Reading } // to be promoted, but for a check
  | { because: "too_early"; numbers: Reading }; // to be promoted, but for minDuration

export type Judgement =
  | { kind: "promote"; because: "better"; numbers: Reading }
  | { kind: "reject"; because: "harm"; numbers: Reading }
  | { kind: "stop"; because: "futile"; numbers: Reading }
  | { kind: "stop"; because: "out_of_time"; held: Hold; numbers: Reading | null }
  | ({ kind: "hold" } & Hold);

/**
 * The first that applies: reject for harm, promote, stop as futile, hold; a hold at maxDuration becomes a stop, out of time.
 * Bad numbers of any kind are a hold: never a promotion, never an exception.
 */
export function decide(facts: VerdictFacts, policy: VerdictPolicy): Judgement {
  const judgement = decideInTime(facts, policy);
  const outOfTime = Number.isFinite(facts.elapsed) && facts.elapsed >= policy.maxDuration;
  if (judgement.kind !== "hold" || !outOfTime) return judgement;
  const { kind: _, ...held } = judgement;
  return { kind: "stop", because: "out_of_time", held, numbers: held.numbers };
}

function decideInTime(facts: VerdictFacts, policy: VerdictPolicy): Judgement {
  const fault = faultOf(facts, policy);
  if (fault !== null) return { kind: "hold", because: "invalid", fault, numbers: null };
  const alpha = policy.alpha ?? ERROR_RATES;
  const numbers = takeReading(facts.strata, { ...policy, alpha });
  if (numbers === null) return { kind: "hold", because: "nothing_to_compare", numbers };

  const comparable = enough(numbers, "champion", MINIMUM_FOR_HARM) && enough(numbers, "challenger", MINIMUM_FOR_HARM);
  const promotable = comparable && enough(numbers, "challenger", MINIMUM_FOR_PROMOTION);
  const better = numbers.logEPromote >= -Math.log(alpha.promote) && (numbers.lift ?? Infinity) >= policy.minLift;
  const passed = facts.checks.every((check) => check.passed);
  const early = facts.elapsed < policy.minDuration;
  // What stands between the challenger and its promotion, the weightiest first.
  const obstacle = !promotable
    ? "too_few"
    : !better
      ? "undecided"
      : !numbers.spread
        ? "no_spread"
        : !passed
          ? "check_failed"
          : early
            ? "too_early"
            : null;

  if (comparable && numbers.logEHarm >= -Math.log(alpha.harm)) return { kind: "reject", because: "harm", numbers };
  if (obstacle === null) return { kind: "promote", because: "better", numbers };
  if (promotable && numbers.logEFutile >= -Math.log(alpha.futile) && facts.elapsed >= policy.minEvidence) {
    return { kind: "stop", because: "futile", numbers };
  }
  return { kind: "hold", because: obstacle, numbers };
}

function enough(numbers: Reading, side: keyof Stratum, minimum: { users: number; ratings: number }): boolean {
  return numbers.users[side] >= minimum.users && numbers.ratings[side] >= minimum.ratings;
}

function faultOf(facts: VerdictFacts, policy: VerdictPolicy): string | null {
  for (const [index, stratum] of facts.strata.entries()) {
    for (const side of ["champion", "challenger"] as const) {
      const fault = tallyFault(stratum[side]);
      if (fault !== null) return `the ${side}'s tally in stratum ${index} is wrong: ${fault}`;
    }
  }
  const { minLift, phi, minEvidence, minDuration, maxDuration, alpha = ERROR_RATES } = policy;
  const ranges: [name: string, value: number, least: number, most: number][] = [
    ["time since the start", facts.elapsed, 0, Number.MAX_VALUE],
    ["frozen minLift", minLift, 0, 100],
    ["frozen phi", phi, 1e-4, 1],
    ["frozen minEvidence", minEvidence, 0, Number.MAX_VALUE],
    ["frozen minDuration", minDuration, 0, Number.MAX_VALUE],
    ["frozen maxDuration", maxDuration, 0, Number.MAX_VALUE],
    ...Object.entries(alpha).map(([name, value]): [string, number, number, number] => [
      `error rate for ${name}`,
      value,
      1e-9,
      0.5,
    ]),
  ];
  const wrong = ranges.find(([, value, least, most]) => !(value >= least && value <= most));
  return wrong === undefined
    ? null
    : `the ${wrong[0]} is ${wrong[1]}, and must be a number from ${wrong[2]} to ${wrong[3]}`;
}
