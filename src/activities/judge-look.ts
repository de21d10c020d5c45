// One look: the sums as they stand, the verdict on them, and what it leads to.
import type { Transaction } from "../db/database.ts";
import { NOTHING_ELSE } from "../evidence/evidence.ts";
import { type NextStep, nextStep, probationStep } from "../evidence/next-step.ts";
import { judgeProbation } from "../evidence/probation.ts";
import { type RampFacts, type RampStep, rampStep } from "../evidence/ramp.ts";
import { EMPTY_TALLY, type Tally } from "../evidence/tally.ts";
import { judge, type Verdict } from "../evidence/verdict.ts";
import type { Experiment } from "../store/experiment/row.ts";
import { readTallies, type VariantTally } from "../store/experiment/tallies.ts";

export interface JudgedLook {
  phase: "experiment" | "probation";
  tallies: VariantTally[];
  verdict: { kind: string; reason: string; numbers: unknown };
  step: NextStep;
  /** What becomes of the ramp's next phase; null when its time has not come, or nobody enters any more. */
  ramp: RampStep | null;
}

/** Judges an open experiment as of an instant. */
export async function judgeLook(tx: Transaction, experiment: Experiment, asOf: Date): Promise<JudgedLook> {
  const { parameters, started_at: startedAt, ends_at: endsAt } = experiment;
  const phase = experiment.status === "probation" ? "probation" : "experiment";
  const tallies = (await readTallies(tx, experiment.id, phase)).filter(({ metric }) => metric === "approval");
  const strata = [...new Set(tallies.map((tally) => tally.stratum))];
  const side = (stratum: number, variant: VariantTally["variant"]): Tally =>
    tallyOf(tallies.find((tally) => tally.stratum === stratum && tally.variant === variant));
  if (phase === "probation") {
    const verdict = judgeProbation(
      { strata: strata.map((stratum) => ({ champion: side(stratum, "champion"), standby: side(stratum, "standby") })) },
      { phi: parameters.phi },
    );
    return { phase, tallies, verdict, step: probationStep(verdict, experiment.probation_until, asOf), ramp: null };
  }
  const verdict = judge(
    {
      ...NOTHING_ELSE,
      primary: strata.map((stratum) => ({
        champion: side(stratum, "champion"),
        challenger: side(stratum, "challenger"),
      })),
      elapsed: asOf.getTime() - startedAt.getTime(),
    },
    { ...parameters, maxDuration: endsAt.getTime() - startedAt.getTime() }, // an operator may have extended it
  );
  const progress = {
    status: experiment.status,
    paused: experiment.paused_at !== null,
    promotion: parameters.promotion,
    approvalUntil: experiment.approval_until,
  };
  const step = nextStep(verdict, progress, asOf);
  const entering = step.next === "wait" && experiment.status === "running";
  const ramp = entering ? rampStep(parameters, rampFacts(experiment, verdict), asOf) : null;
  return { phase, tallies, verdict, step, ramp };
}

function rampFacts(experiment: Experiment, verdict: Verdict): RampFacts {
  return {
    startedAt: experiment.started_at,
    phasesOpen: experiment.phases_open,
    paused: experiment.paused_at !== null,
    logEHarm: verdict.numbers?.logEHarm ?? null,
    fault: verdict.because === "invalid" ? verdict.fault : null,
    failed: [],
  };
}

/** What a look comes to when the challenger, or in probation the new champion, is no longer at its provider. */
export function withoutModel({ phase, tallies, verdict }: JudgedLook, gone: { name: string; why: string }): JudgedLook {
  const reason = `the provider no longer has ${gone.name} (${gone.why})`;
  const outcome = phase === "probation" ? "rolled_back" : "inconclusive";
  return {
    phase,
    tallies,
    verdict: { kind: phase === "probation" ? "roll-back" : "stop", reason, numbers: verdict.numbers },
    step: { next: "conclude", outcome, reason },
    ramp: null,
  };
}

function tallyOf(tally: VariantTally | undefined): Tally {
  if (tally === undefined) return EMPTY_TALLY;
  const { users, sumY, sumK, sumYY, sumYK, sumKK } = tally;
  return { users, sumY, sumK, sumYY, sumYK, sumKK };
}
