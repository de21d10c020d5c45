// What `ratchet experiment verdict --json` prints: the outputs of published test vectors under their own keys, and our verdict.
import { NOTHING_ELSE } from "../evidence/evidence.ts";
import { judge, type Verdict } from "../evidence/verdict.ts";
import type { VerdictFile } from "./verdict-file.ts";

/** The outputs under the keys of published vectors, and our verdict. What cannot be computed is null. */
export function verdictDocument({ evidence, policy, ignored }: VerdictFile, verdict: Verdict) {
  // The decision of those vectors is the rule's alone, before any check.
  const { elapsed, primary } = evidence;
  const alone = judge({ ...NOTHING_ELSE, elapsed, primary }, policy);
  const { numbers } = alone;
  return {
    p_challenger: numbers?.challengerRate ?? null,
    p_control: numbers?.championRate ?? null,
    delta: numbers?.difference ?? null,
    rel_lift: numbers?.lift ?? null,
    V_wald: numbers?.variance ?? null,
    V_null: numbers?.nullVariance ?? null,
    V_promote: numbers === null ? null : Math.max(numbers.variance, numbers.nullVariance),
    V_harm: numbers?.variance ?? null,
    log_e_superior: numbers?.logEPromote ?? null,
    log_e_harm: numbers?.logEHarm ?? null,
    log_e_futile: numbers?.logEFutile ?? null,
    lcb: numbers?.lower ?? null,
    ucb: numbers?.upper ?? null,
    users_challenger: primary.reduce((sum, { challenger }) => sum + challenger.users, 0),
    ratings_challenger: primary.reduce((sum, { challenger }) => sum + challenger.sumK, 0),
    decision_success_metric: decisionOf(alone),
    verdict,
    ignored,
  };
}

function decisionOf({ kind, because }: Verdict): "superior" | "reject_harm" | "stop_futile" | "continue" {
  if (kind === "promote") return "superior";
  if (kind === "reject") return "reject_harm";
  return because === "futile" ? "stop_futile" : "continue"; // being out of time is no evidence
}
