// One look: the sums as they stand, the verdict on them, and what it leads to.
import type { Transaction } from "../db/database.ts";
import type { Watched } from "../evidence/checks/changes.ts";
import type { Check } from "../evidence/checks/check.ts";
import { checkGuardrail } from "../evidence/checks/guardrail.ts";
import { gatherEvidence, strataOf } from "../evidence/gather-evidence.ts";
import { probationRailsOf } from "../evidence/guardrails-of.ts";
import { type NextStep, nextStep, probationStep, worseInWords } from "../evidence/next-step.ts";
import { approvalPhi } from "../evidence/policy.ts";
import { judgeProbation } from "../evidence/probation.ts";
import { type RampFacts, type RampStep, rampStep, speaksForHarm } from "../evidence/ramp.ts";
import { judge, type Verdict } from "../evidence/verdict.ts";
import { readInTheWaySince } from "../store/experiment/looks.ts";
import type { Experiment } from "../store/experiment/row.ts";
import { readCrossed, readTallies, type VariantTally } from "../store/experiment/tallies.ts";

export interface JudgedLook {
  phase: "experiment" | "probation";
  tallies: VariantTally[];
  verdict: { kind: string; reason: string; numbers: unknown; checks: readonly Check[] };
  /** In probation: what a person should know of a new champion that looks worse than its standby; null when it does not. */
  doubt: string | null;
  step: NextStep;
  /** What becomes of the ramp's next phase; null when its time has not come, or nobody enters any more. */
  ramp: RampStep | null;
}

/** Judges an open experiment as of an instant. `changes` is what its requests carried at first and of late (`readChanges`). */
export function judgeLook(
  tx: Transaction,
  experiment: Experiment,
  changes: readonly Watched[],
  asOf: Date,
): Promise<JudgedLook> {
  if (experiment.status === "probation") return lookAtProbation(tx, experiment, asOf);
  return lookAtBoth(tx, experiment, changes, asOf);
}

async function lookAtBoth(
  tx: Transaction,
  experiment: Experiment,
  changes: readonly Watched[],
  asOf: Date,
): Promise<JudgedLook> {
  const { id, parameters, started_at: startedAt, ends_at: endsAt } = experiment;
  const tallies = await readTallies(tx, id, "experiment");
  const { crossed } = await readCrossed(tx, id, "experiment");
  const evidence = gatherEvidence(tallies, parameters, {
    elapsed: asOf.getTime() - startedAt.getTime(),
    crossed,
    changes,
  });
  // An operator may have extended it.
  const verdict = judge(evidence, { ...parameters, maxDuration: endsAt.getTime() - startedAt.getTime() });
  const progress = {
    status: experiment.status,
    paused: experiment.paused_at !== null,
    promotion: parameters.promotion,
    approvalUntil: experiment.approval_until,
    inTheWaySince: experiment.status === "awaiting_approval" ? await readInTheWaySince(tx, id) : null,
    aa: parameters.aa === true,
  };
  const step = nextStep(verdict, progress, asOf);
  // Whom a person will decide on meets nobody new; but evidence that a check waits for comes sooner from more people.
  const entering = step.next === "wait" && (experiment.status === "running" || parameters.promotion === "automatic");
  const ramp = entering ? rampStep(parameters, rampFacts(experiment, verdict), asOf) : null;
  return { phase: "experiment", tallies, verdict, doubt: null, step, ramp };
}

function rampFacts(experiment: Experiment, verdict: Verdict): RampFacts {
  return {
    startedAt: experiment.started_at,
    phasesOpen: experiment.phases_open,
    paused: experiment.paused_at !== null,
    logEHarm: verdict.numbers?.logEHarm ?? null,
    fault: verdict.because === "invalid" ? verdict.fault : null,
    failed: verdict.checks.filter(speaksForHarm),
  };
}

/** What a probation's guardrails call their two sides. */
const IN_PROBATION = { challenger: "new champion", champion: "standby" } as const;

async function lookAtProbation(tx: Transaction, experiment: Experiment, asOf: Date): Promise<JudgedLook> {
  const { id, parameters, probation_until: until } = experiment;
  const tallies = await readTallies(tx, id, "probation");
  // The new champion is what is judged, as the challenger was; the standby is what it is held to.
  const judged = tallies.map((tally) => ({
    ...tally,
    variant: tally.variant === "standby" ? ("champion" as const) : ("challenger" as const),
  }));
  const rails = probationRailsOf(parameters);
  const checks = rails.map((rail) =>
    checkGuardrail({ ...rail, strata: strataOf(judged, rail.metric) }, rails.length, IN_PROBATION),
  );
  const strata = strataOf(judged, "approval").map(({ champion, challenger }) => ({
    champion: challenger,
    standby: champion,
  }));
  const verdict = { ...judgeProbation({ strata, checks }, { phi: approvalPhi(parameters) }), checks };
  const doubt =
    verdict.kind === "keep-watching" && verdict.looksWorse !== null
      ? worseInWords({ seen: verdict.seen, looksWorse: verdict.looksWorse })
      : null;
  return { phase: "probation", tallies, verdict, doubt, step: probationStep(verdict, until, asOf), ramp: null };
}

/** What a look comes to when the challenger, or in probation the new champion, is no longer at its provider. */
export function withoutModel({ phase, tallies, verdict }: JudgedLook, gone: { name: string; why: string }): JudgedLook {
  const reason = `the provider no longer has ${gone.name} (${gone.why})`;
  const outcome = phase === "probation" ? "rolled_back" : "inconclusive";
  return {
    phase,
    tallies,
    verdict: { ...verdict, kind: phase === "probation" ? "roll-back" : "stop", reason },
    doubt: null,
    step: { next: "conclude", outcome, reason },
    ramp: null,
  };
}
