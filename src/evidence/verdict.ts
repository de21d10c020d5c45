// The verdict at every look: facts come in; promote, reject, stop or hold goes out, with its reason in words.

import { reasonFor } from "./reason.ts";
import { decide, type Judgement, type VerdictFacts, type VerdictPolicy } from "./rule.ts";

/** `reason` opens with the kind and makes sense to someone who does not know statistics; no number in it is NaN or infinite. */
export type Verdict = Judgement & { reason: string };

/** Judges one look by the rule of `decide`. The same facts and policy give the same verdict, to the letter. */
export function judge(facts: VerdictFacts, policy: VerdictPolicy): Verdict {
  const judgement = decide(facts, policy);
  return { ...judgement, reason: reasonFor(judgement, facts, policy) };
}
