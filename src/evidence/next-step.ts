// From a verdict to what happens next: pure, so that the workflow need not judge and a formula's fix breaks no replay.
import { instantInWords } from "../domain/duration.ts";
import type { ExperimentOutcome, ExperimentStatus } from "../domain/experiment.ts";
import { inTheWay } from "../domain/in-the-way.ts";
import type { Check } from "./checks/check.ts";
import { MINIMUM_FOR_HARM } from "./minimum.ts";
import { namedInSum } from "./named-in-sum.ts";
import type { ProbationVerdict } from "./probation.ts";
import type { Verdict } from "./verdict.ts";

export type NextStep =
  | { next: "wait" }
  | { next: "promote" }
  | { next: "ask" }
  | { next: "conclude"; outcome: ExperimentOutcome; reason: string };

/** Where the experiment stands when it is looked at. */
export interface Progress {
  status: ExperimentStatus;
  paused: boolean;
  promotion: "approval" | "automatic";
  approvalUntil: Date | null;
  /** While a person is asked: since which look something has kept them from approving, this one left out; null when nothing did. */
  inTheWaySince?: Date | null;
  /** An A/A experiment: what is promoted would be the champion itself. */
  aa: boolean;
}

/** What an end of an A/A experiment is told with, lest anybody take it for a finding about two models. */
const ONE_MODEL = "both are one model under two names (A/A)";

/** What a verdict on challenger and champion leads to. While a person is waited for, harm still stops. */
export function nextStep(verdict: Judged, progress: Progress, asOf: Date): NextStep {
  if (!progress.aa) return stepOf(verdict, progress, asOf);
  const found = withoutKind(verdict.reason);
  if (verdict.kind === "promote")
    return {
      next: "conclude",
      outcome: "inconclusive",
      reason: `${ONE_MODEL}, and the evidence would have promoted it over itself: ${found}`,
    };
  const step = stepOf(verdict, progress, asOf);
  return step.next === "conclude" ? { ...step, reason: `${ONE_MODEL}: ${found}` } : step;
}

type Judged = Pick<Verdict, "kind" | "because" | "reason"> & { asks?: boolean; checks?: readonly Check[] };

function stepOf(verdict: Judged, progress: Progress, asOf: Date): NextStep {
  const { reason } = verdict;
  switch (verdict.kind) {
    case "reject":
      return { next: "conclude", outcome: "harmful", reason };
    case "stop":
      if (progress.status === "awaiting_approval") break; // evidence was enough once: a person decides now
      return { next: "conclude", outcome: verdict.because === "futile" ? "futile" : "inconclusive", reason };
    case "promote":
      if (progress.paused) break;
      // A check may ask for a person where promotions are automatic too, until the evidence answers it.
      if (progress.promotion === "automatic" && verdict.asks !== true) return { next: "promote" };
      if (progress.status === "awaiting_approval") break;
      return { next: "ask" };
    case "hold":
      break;
    default:
      return verdict.kind satisfies never;
  }
  if (progress.status === "awaiting_approval" && progress.approvalUntil !== null && asOf >= progress.approvalUntil)
    return {
      next: "conclude",
      outcome: "approval_timed_out",
      reason: `${whyNotApproved(verdict, progress, progress.approvalUntil, asOf)}: the champion stays`,
    };
  return { next: "wait" };
}

/** Nobody is blamed for not having done what was refused. */
function whyNotApproved({ checks = [] }: Judged, { paused, inTheWaySince }: Progress, until: Date, asOf: Date): string {
  const found = inTheWay(checks);
  if (found.length > 0)
    return `not approved: since ${instantInWords(inTheWaySince ?? asOf)} ${namedInSum(found)} stood in the way (${found.map(({ words }) => words).join("; ")})`;
  if (paused) return "not approved: it was paused to the end, and nothing is promoted in a pause";
  return `nobody approved it until ${instantInWords(until)}`;
}

/** What a verdict on the new champion and its standby leads to. */
export function probationStep(
  verdict: Pick<ProbationVerdict, "kind" | "reason"> & { seen?: boolean; looksWorse?: string | null },
  probationUntil: Date | null,
  asOf: Date,
): NextStep {
  if (verdict.kind === "roll-back") return { next: "conclude", outcome: "rolled_back", reason: verdict.reason };
  if (probationUntil !== null && asOf >= probationUntil)
    return { next: "conclude", outcome: "promoted", reason: atItsEnd(verdict) };
  return { next: "wait" };
}

function atItsEnd({ reason, seen, looksWorse = null }: Parameters<typeof probationStep>[0]): string {
  const found = withoutKind(reason);
  if (looksWorse !== null) return `probation is over, and ${worseInWords({ seen, looksWorse })}`;
  if (seen === false) return `probation is over, and too little was seen to tell whether it does harm: ${found}`;
  return `probation passed, no harm was shown: ${found}`;
}

/** What a person should know of a new champion that looks worse, and is not rolled back without one. */
export function worseInWords({ seen, looksWorse }: { seen: boolean | undefined; looksWorse: string }): string {
  const { users, ratings } = MINIMUM_FOR_HARM;
  const why =
    seen === false
      ? `too few people have rated: each model needs ${ratings} ratings from ${users} users, since a few people may be unlike the rest`
      : "it is not proven";
  return `the new champion looks worse than the standby (${looksWorse}). It is not rolled back by itself, because ${why}. If you think so, too: ratchet rollback --reason "…"`;
}

/** A verdict's reason opens with its kind, which would contradict what came of it here. */
function withoutKind(reason: string): string {
  return reason.replace(/^[^:]+: /, "");
}
