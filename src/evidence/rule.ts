// The rule by which every look is judged: what it needs to know, what it may decide, and the order in which it decides.

import type { Check } from "./checks/check.ts";
import { claimsOf, judgeable } from "./claims.ts";
import { estimate, type Stratum } from "./estimate.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION, type Minimum } from "./minimum.ts";
import { ERROR_RATES, policyFault, primaryOf, type VerdictPolicy } from "./policy.ts";
import { type Reading, readingOf } from "./reading.ts";
import { tallyFault } from "./tally.ts";

export interface VerdictFacts {
  /** Of the primary metric. */
  strata: readonly Stratum[];
  /** Milliseconds since the experiment started. */
  elapsed: number;
  /** What the checks came to (`checksOf`). */
  checks: readonly Check[];
}

/** Why nothing is decided yet. */
export type Hold =
  | { because: "invalid"; fault: string; numbers: null } // the facts or the policy are not numbers that can be judged
  | { because: "nothing_to_compare"; numbers: null } // no ratings, or a single user, on one side
  | { because: "too_few"; numbers: Reading } // users or ratings
  | { because: "undecided"; numbers: Reading }
  | { because: "no_spread"; numbers: Reading | null } // users of one side all rate alike: nobody knows how sure this is
  | { because: "check_failed"; numbers: Reading } // to be promoted, but for a check; or to be stopped, but the comparison is in doubt
  | { because: "too_early"; numbers: Reading }; // to be promoted, but for minDuration

export type Judgement =
  | { kind: "promote"; because: "better"; asks: boolean; numbers: Reading } // `asks`: only with a person's consent
  | { kind: "reject"; because: "harm"; numbers: Reading }
  | { kind: "reject"; because: "guardrail"; numbers: Reading | null }
  | { kind: "stop"; because: "futile"; numbers: Reading }
  | { kind: "stop"; because: "out_of_time"; held: Hold; numbers: Reading | null }
  | ({ kind: "hold" } & Hold);

/**
 * The first that applies: reject for harm, promote, stop as futile, hold; a hold at maxDuration becomes a stop, out of time.
 * A guardrail that failed is harm. Bad numbers of any kind are a hold: never a promotion, never an exception.
 */
export function decide(facts: VerdictFacts, policy: VerdictPolicy): Judgement {
  const judgement = decideInTime(facts, policy);
  const outOfTime = Number.isFinite(facts.elapsed) && facts.elapsed >= policy.maxDuration;
  if (judgement.kind !== "hold" || !outOfTime) return judgement;
  const { kind: _, ...held } = judgement;
  return { kind: "stop", because: "out_of_time", held, numbers: held.numbers };
}

function decideInTime(facts: VerdictFacts, policy: VerdictPolicy): Judgement {
  const fault = policyFault(facts.elapsed, policy);
  if (fault !== null) return { kind: "hold", because: "invalid", fault, numbers: null };
  const read = readFacts(facts, policy);
  const failed = facts.checks.filter((check) => !check.passed);
  if (failed.some(({ acts }) => acts === "rejects"))
    return { kind: "reject", because: "guardrail", numbers: read.numbers };
  if ("because" in read) return { kind: "hold", ...read };
  return decideByNumbers(read.numbers, failed, facts.elapsed, policy);
}

function decideByNumbers(
  numbers: Reading,
  failed: readonly Check[],
  elapsed: number,
  policy: VerdictPolicy,
): Judgement {
  const alpha = policy.alpha ?? ERROR_RATES;
  const comparable = enough(numbers, "champion", MINIMUM_FOR_HARM) && enough(numbers, "challenger", MINIMUM_FOR_HARM);
  const promotable = comparable && enough(numbers, "challenger", MINIMUM_FOR_PROMOTION);
  const better = numbers.logEPromote >= -Math.log(alpha.promote) && (numbers.lift ?? Infinity) >= policy.minLift;
  // What stands between the challenger and its promotion, the weightiest first.
  const obstacle = !promotable
    ? "too_few"
    : !better
      ? "undecided"
      : !numbers.spread
        ? "no_spread"
        : failed.some(({ acts }) => acts !== "asks")
          ? "check_failed"
          : elapsed < policy.minDuration
            ? "too_early"
            : null;

  if (comparable && numbers.logEHarm >= -Math.log(alpha.harm)) return { kind: "reject", because: "harm", numbers };
  if (obstacle === null) return { kind: "promote", because: "better", asks: failed.length > 0, numbers };
  if (promotable && numbers.logEFutile >= -Math.log(alpha.futile) && elapsed >= policy.minEvidence) {
    const inDoubt = failed.some(({ acts }) => acts === "holds");
    return inDoubt ? { kind: "hold", because: "check_failed", numbers } : { kind: "stop", because: "futile", numbers };
  }
  return { kind: "hold", because: obstacle, numbers };
}

function enough(numbers: Reading, side: keyof Stratum, minimum: Minimum): boolean {
  return numbers.users[side] >= minimum.users && numbers.ratings[side] >= minimum.ratings;
}

/** What the primary metric's tallies come to; a hold when they come to nothing. The policy must be sound (`policyFault`). */
function readFacts({ strata }: Pick<VerdictFacts, "strata">, policy: VerdictPolicy): Hold | { numbers: Reading } {
  const metric = primaryOf(policy);
  for (const [index, stratum] of strata.entries()) {
    for (const side of ["champion", "challenger"] as const) {
      const wrong = tallyFault(stratum[side], metric.kind);
      if (wrong !== null) {
        const fault = `the ${side}'s tally in stratum ${index} is wrong: ${wrong}`;
        return { because: "invalid", fault, numbers: null };
      }
    }
  }
  const found = estimate(strata, metric.kind);
  if (found === null) return { because: "nothing_to_compare", numbers: null };
  const claims = claimsOf(found, policy.minLift, metric);
  if (!judgeable(claims, policy.phi)) {
    if (found.variance === 0 || claims.better.variance === 0) return { because: "no_spread", numbers: null };
    const fault = `the frozen phi (${policy.phi}) is far from what the values are like`;
    return { because: "invalid", fault, numbers: null };
  }
  const alpha = policy.alpha ?? ERROR_RATES;
  return { numbers: readingOf(strata, found, claims, { metric, minLift: policy.minLift, phi: policy.phi, alpha }) };
}
