// The verdict at every look: evidence comes in; promote, reject, stop or hold goes out, with its checks and its reason in words.

import { inTheWay } from "../domain/in-the-way.ts";
import { type Check, inDoubt } from "./checks/check.ts";
import { checksOf } from "./checks-of.ts";
import { claimsOf } from "./claims.ts";
import { estimate } from "./estimate.ts";
import type { Evidence } from "./evidence.ts";
import { afterGuardrails, type Forecast, forecast } from "./forecast.ts";
import { policyFault, primaryOf, type VerdictPolicy } from "./policy.ts";
import { reasonFor } from "./reason.ts";
import { decide, type Judgement, type VerdictFacts } from "./rule.ts";

export type Verdict = Judgement & {
  /** Opens with the kind and makes sense to someone who does not know statistics; no number in it is NaN or infinite. */
  reason: string;
  /** What every check came to, whatever the verdict. */
  checks: readonly Check[];
  /** What a hold is likely to end in, and when; null when nobody can say, or when it is no hold. */
  expected: Forecast | null;
};

/** Judges one look: makes every check, and goes by the rule of `decide`. The same evidence and policy give the same verdict, to the letter. */
export function judge(evidence: Evidence, policy: VerdictPolicy): Verdict {
  const { primary: strata, elapsed } = evidence;
  // A policy that is no policy is a hold of its own; no check can be made by it.
  const checks = policyFault(elapsed, policy) === null ? checksOf(evidence, policy) : [];
  return judgeFacts({ strata, elapsed, checks }, policy);
}

/** The same where the checks are made already. */
export function judgeFacts(facts: VerdictFacts, policy: VerdictPolicy): Verdict {
  const judgement = decide(facts, policy);
  const expected = expectedOf(judgement, facts, policy);
  return { ...judgement, checks: facts.checks, expected, reason: reasonFor(judgement, facts, policy, expected) };
}

function expectedOf(
  { kind, numbers, because }: Judgement,
  facts: VerdictFacts,
  policy: VerdictPolicy,
): Forecast | null {
  if (kind !== "hold" || numbers === null || facts.checks.some(inDoubt)) return null;
  const metric = primaryOf(policy);
  const found = estimate(facts.strata, metric.kind);
  const expected =
    found === null ? null : forecast(numbers, claimsOf(found, policy.minLift, metric), facts.elapsed, policy);
  if (expected?.kind !== "promote") return expected;
  return afterGuardrails(expected, inTheWay(facts.checks), {
    ...facts,
    ...policy,
    blocked: because === "check_failed",
  });
}
