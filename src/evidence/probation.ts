// After a promotion: is the new champion worse than the standby that a few units kept? Only harm is looked for.

import type { Check } from "./checks/check.ts";
import { boundWidth, logEValue } from "./e-value.ts";
import { estimate } from "./estimate.ts";
import { counted, decimal, percent, points } from "./figures.ts";
import { MINIMUM_FOR_HARM } from "./minimum.ts";
import { ERROR_RATES } from "./policy.ts";
import { HARM_TO_WAIT, speaksForHarm } from "./ramp.ts";
import { sumOfTallies, type Tally, tallyFault } from "./tally.ts";

export interface ProbationFacts {
  /** Of approval. */
  strata: readonly { champion: Tally; standby: Tally }[];
  /** What the guardrails came to, the new champion in the challenger's place and the standby in the champion's. */
  checks?: readonly Check[];
}

/** Frozen at the experiment's start. */
export interface ProbationPolicy {
  phi: number;
  /** Accepted chance of rolling back a champion that is no worse: ERROR_RATES.harm by default. */
  alpha?: number;
}

/** Rates and differences are shares; every number is finite. */
export interface ProbationReading {
  championRate: number;
  standbyRate: number;
  /** championRate − standbyRate. */
  difference: number;
  /** The difference is at most this, at all looks together. */
  upper: number;
  variance: number;
  logEHarm: number;
  users: { champion: number; standby: number };
  ratings: { champion: number; standby: number };
}

export type ProbationVerdict =
  | { kind: "roll-back"; reason: string; numbers: ProbationReading | null }
  | {
      kind: "keep-watching";
      reason: string;
      numbers: ProbationReading | null;
      /** Whether there was enough to see harm by; without that nothing was shown, either way. */
      seen: boolean;
      /** Why the new champion looks worse than the standby, though it is not rolled back; null when it does not. */
      looksWorse: string | null;
    };

/** Judges one look of a probation. Bad or scant numbers keep watching: rolling back needs evidence, or an operator. */
export function judgeProbation({ strata, checks = [] }: ProbationFacts, policy: ProbationPolicy): ProbationVerdict {
  const verdict = judgeApproval(strata, policy);
  const failed = checks.find(({ passed, acts }) => !passed && acts === "rejects");
  if (verdict.kind === "roll-back") return verdict;
  if (failed === undefined) return { ...verdict, looksWorse: doubtOf(verdict, checks) };
  const reason = `roll back: the new champion does worse than the standby: ${failed.words}.`;
  return { kind: "roll-back", reason, numbers: verdict.numbers };
}

/**
 * From evidence of harm on that keeps a ramp's phase closed (`HARM_TO_WAIT`) a person should know: a champion that is no worse gets there in
 * at most one probation of four. With fewer users than rolling back takes the evidence can be far stronger, and still be of a few people.
 */
function doubtOf({ numbers }: ProbationVerdict, checks: readonly Check[]): string | null {
  const worse = numbers !== null && numbers.difference < 0 && numbers.logEHarm >= Math.log(HARM_TO_WAIT);
  const found = [...(worse ? [inNumbers(numbers)] : []), ...checks.filter(speaksForHarm).map(({ words }) => words)];
  return found.length === 0 ? null : found.join("; ");
}

function judgeApproval(
  strata: ProbationFacts["strata"],
  { phi, alpha = ERROR_RATES.harm }: ProbationPolicy,
): ProbationVerdict {
  const least = MINIMUM_FOR_HARM;
  const fault = strata
    .flatMap(({ champion, standby }) => [tallyFault(champion), tallyFault(standby)])
    .find((found) => found !== null);
  if (fault !== undefined) return watching(`the evidence cannot be judged: ${fault}`);
  if (!(phi >= 1e-4 && phi <= 1 && alpha >= 1e-9 && alpha <= 0.5)) {
    return watching(`the evidence cannot be judged: the frozen phi is ${phi}, and the error rate ${alpha}`);
  }

  // The standby is the side with few units, and so the one whose variance needs the floor: it takes the challenger's place.
  const found = estimate(strata.map(({ champion, standby }) => ({ champion, challenger: standby })));
  if (found === null) return watching("nothing to compare yet: each model needs ratings from at least two users");
  const champion = sumOfTallies(strata.map((stratum) => stratum.champion));
  const standby = sumOfTallies(strata.map((stratum) => stratum.standby));
  const { variance } = found;
  const difference = -found.difference;
  const numbers: ProbationReading = {
    championRate: found.championRate,
    standbyRate: found.challengerRate,
    difference,
    upper: difference + boundWidth(alpha, variance, phi) * Math.sqrt(variance),
    variance,
    logEHarm: logEValue(-difference, variance, phi),
    users: { champion: champion.users, standby: standby.users },
    ratings: { champion: champion.sumK, standby: standby.sumK },
  };
  const words = inNumbers(numbers);
  if (Math.min(champion.users, standby.users) < least.users || Math.min(champion.sumK, standby.sumK) < least.ratings) {
    return watching(
      `too few ratings to roll back by (each model needs ${least.ratings} from ${least.users} users): ${words}`,
      numbers,
    );
  }
  return numbers.logEHarm >= -Math.log(alpha)
    ? { kind: "roll-back", reason: `roll back: the new champion is worse than the standby: ${words}.`, numbers }
    : watching(`no proof of harm: ${words}`, numbers, true);
}

function watching(why: string, numbers: ProbationReading | null = null, seen = false): ProbationVerdict {
  return { kind: "keep-watching", reason: `keep watching: ${why}.`, numbers, seen, looksWorse: null };
}

function inNumbers({ championRate, standbyRate, difference, upper, users, ratings }: ProbationReading): string {
  return [
    `approval ${percent(championRate)} against ${percent(standbyRate)} with the standby`,
    `difference ${points(difference)}, ${upper >= 1 ? "and far too few ratings to tell" : `at most ${points(upper)}`}`,
    `${counted(ratings.champion, "rating")} from ${counted(users.champion, "user")} against ${decimal(ratings.standby)} from ${decimal(users.standby)}`,
  ].join(", ");
}
