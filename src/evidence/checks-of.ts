// Every check on one look's evidence, in the order in which they are told.

import { checkChanges } from "./checks/changes.ts";
import type { Check } from "./checks/check.ts";
import { checkExposure } from "./checks/exposure.ts";
import { checkFeedbackRate } from "./checks/feedback-rate.ts";
import { checkGuardrail } from "./checks/guardrail.ts";
import { checkSampleRatio } from "./checks/sample-ratio.ts";
import { checkSegments } from "./checks/segments.ts";
import type { Evidence } from "./evidence.ts";
import { APPROVAL, type MetricKind } from "./metric.ts";
import { approvalPhi, primaryOf, type VerdictPolicy } from "./policy.ts";
import { type Tally, tallyFault } from "./tally.ts";

/** What the checks come to. Evidence that is no evidence fails a check of its own: it never promotes, and harm still rejects. */
export function checksOf(evidence: Evidence, policy: VerdictPolicy): Check[] {
  const { rated, crossed, guardrails, segments, changes } = evidence;
  if (policy.share === 0) return []; // experiments are switched off: nobody meets the challenger, and the gate has decided
  const guarded = guardrails.map((guardrail) => checkGuardrail(guardrail, guardrails.length));
  const fault = faultOf(evidence, policy);
  if (fault !== null) {
    const words = `what the checks go by is wrong: ${fault}`;
    return [{ name: "evidence", passed: false, acts: "blocks", alarm: true, words, numbers: {} }, ...guarded];
  }
  const { share } = policy;
  const approval = primaryOf(policy).key === APPROVAL.key;
  return [
    ...(share === undefined ? [] : [checkSampleRatio(rated, share)]),
    checkExposure(rated, crossed),
    checkChanges(changes),
    // Lee's bounds are about ratings that not everybody gives; judged quality and cost are there for every answer.
    ...(approval ? [checkFeedbackRate(evidence.primary, rated, policy.phi)] : []),
    ...guarded,
    checkSegments(segments, approvalPhi(policy)),
  ];
}

function faultOf({ primary, rated, crossed, segments, changes }: Evidence, policy: VerdictPolicy): string | null {
  const tallies: [string, Tally, MetricKind][] = [
    ...bothSides("exposed users", rated, "number"),
    ...segments.flatMap(({ name, strata }) => bothSides(`segment "${name}"`, strata, "binary")),
    ...(primaryOf(policy).key === APPROVAL.key ? bothSides("ratings", primary, "binary") : []),
  ];
  for (const [name, tally, kind] of tallies) {
    const fault = tallyFault(tally, kind);
    if (fault !== null) return `the tally of ${name}: ${fault}`;
  }
  const counts = [crossed, ...changes.flatMap(({ seen }) => seen.flatMap(({ first, latest }) => [first, latest]))];
  const wrong = counts.find((count) => !(count >= 0 && count <= Number.MAX_SAFE_INTEGER));
  return wrong === undefined ? null : `a count is ${wrong}, not a number from 0 to 2^53`;
}

function bothSides(name: string, strata: Evidence["rated"], kind: MetricKind): [string, Tally, MetricKind][] {
  return strata.flatMap(({ champion, challenger }): [string, Tally, MetricKind][] => [
    [name, champion, kind],
    [name, challenger, kind],
  ]);
}
