// A look at an experiment: what its provider and its requests say, the evidence, the verdict, and all that follows from it.
import type { Transaction } from "../db/database.ts";
import type { Check } from "../evidence/checks/check.ts";
import type { NextStep } from "../evidence/next-step.ts";
import { closeAlert, openAlert } from "../store/alerts.ts";
import { readChanges } from "../store/experiment/changes.ts";
import {
  awaitApproval,
  CHECK_ALARM,
  conclude,
  LOOK_FAILED,
  LOOKS_WORSE,
  promote,
  renewServing,
} from "../store/experiment/lifecycle.ts";
import { addLook } from "../store/experiment/looks.ts";
import { openPhase } from "../store/experiment/ramp.ts";
import { type Experiment, loadExperiment, lockExperiment } from "../store/experiment/row.ts";
import { loadModel } from "../store/models.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { isFinal } from "./final-faults.ts";
import { heard, type OfExperiment, readStanding } from "./heard.ts";
import { type JudgedLook, judgeLook, withoutModel } from "./judge-look.ts";
import { whyGone } from "./model-there.ts";
import type { ExperimentStanding } from "./standing.ts";

export function lookActivities(deps: ActivityDeps) {
  const { db, providers, log, meter } = deps;

  /**
   * What a look's own transaction must not wait for: the challenger, or the champion that it became, when its provider no longer has it;
   * and what requests carried at first and of late, while two models are compared.
   */
  async function lookAhead({ loop, experimentId }: OfExperiment) {
    const { model, changes } = await db.withLoop(loop, async (tx) => {
      const { status, challenger_id: id } = await loadExperiment(tx, loop, experimentId);
      const compared = status === "running" || status === "awaiting_approval";
      return {
        model: status === "closed" ? null : await loadModel(tx, loop, id),
        changes: compared ? await readChanges(tx, experimentId) : [],
      };
    });
    const why = model === null ? null : await whyGone(providers, model.provider);
    return { gone: model === null || why === null ? null : { name: model.name, why }, changes };
  }

  /** A look, with its consequence. `judged` is null when the experiment is over. */
  async function takeLook(
    { loop, experimentId, number }: OfExperiment & { number: number },
    at: Date,
  ): Promise<{ now: ExperimentStanding; isNew: boolean; judged: JudgedLook | null }> {
    // Outside of the transaction: a provider may be slow, and whoever rolls back must not wait until old interactions are read.
    const { gone, changes } = await lookAhead({ loop, experimentId });
    return db.withLoop(loop, async (tx) => {
      const experiment = await lockExperiment(tx, loop, experimentId);
      if (experiment.status === "closed")
        return { now: await readStanding(tx, { loop, experimentId }), isNew: false, judged: null };
      const seen = await judgeLook(tx, experiment, changes, at);
      const judged = gone === null ? seen : withoutModel(seen, gone);
      const { phase, tallies, verdict, step, ramp } = judged;
      await renewServing(tx, experiment, at);
      const isNew = await addLook(tx, loop, experimentId, { number, phase, at, tallies, verdict, ramp });
      await tellAlarms(tx, loop, experimentId, verdict.checks, at); // before it may be over, and its alerts closed
      if (phase === "probation") await tellDoubt(tx, experiment, judged.doubt, at);
      if (isNew) await follow(tx, experiment, step, verdict, at);
      if (isNew && ramp?.kind === "open")
        await openPhase(tx, experiment, ramp.phase, { actor: LOOP_ITSELF, reason: ramp.words }, at);
      await closeAlert(tx, loop, { kind: LOOK_FAILED, subject: `experiment/${experimentId}` }, at);
      return { now: await readStanding(tx, { loop, experimentId }), isNew, judged };
    });
  }

  return {
    /**
     * Reads the evidence, judges it, and carries out what follows, in one transaction: nobody can come in between, and a
     * look that is on record has had its consequence, so that asking for the same number again changes nothing. A look
     * that cannot be taken, and could not by trying again, opens an alert; the experiment goes on to its next look.
     */
    async look(input: OfExperiment & { number: number; asOf: number }): Promise<ExperimentStanding> {
      const { loop, experimentId, number } = input;
      const at = new Date(input.asOf);
      const taken = await takeLook(input, at).catch(async (error: unknown) => {
        if (!isFinal(error)) throw error;
        const words = `look ${number} cannot be taken: ${error.message}`;
        const alert = { kind: LOOK_FAILED, subject: `experiment/${experimentId}`, words, numbers: { look: number } };
        return db.withLoop(loop, async (tx) => {
          if (await openAlert(tx, loop, alert, at)) log.error({ event: LOOK_FAILED, loop, subject: alert.subject });
          return { now: await readStanding(tx, input), isNew: false, judged: null };
        });
      });
      const { now, isNew, judged } = taken;
      if (isNew && judged !== null) {
        const { phase, verdict, step } = judged;
        meter.looked(phase, verdict.kind);
        log.info({
          event: "experiment_look",
          loop,
          experiment: experimentId,
          look: number,
          verdict: verdict.kind,
          next: step.next,
        });
      }
      return heard(deps, now, input);
    },
  };
}

/** One alert for all that checks found wrong with the comparison itself, open for as long as they do. */
async function tellAlarms(
  tx: Transaction,
  loop: string,
  id: string,
  checks: readonly Check[],
  at: Date,
): Promise<void> {
  const alert = { kind: CHECK_ALARM, subject: `experiment/${id}` };
  const words = checks.filter(({ alarm }) => alarm).map(({ name, words: found }) => `${name}: ${found}`);
  if (words.length === 0) await closeAlert(tx, loop, alert, at);
  else await openAlert(tx, loop, { ...alert, words: words.join("; "), numbers: {} }, at);
}

/** An alert while the new champion looks worse than its standby. It stays open when probation ends so: nobody looks any more. */
async function tellDoubt(
  tx: Transaction,
  { loop, challenger_id: champion }: Experiment,
  words: string | null,
  at: Date,
): Promise<void> {
  const alert = { kind: LOOKS_WORSE, subject: `model/${champion}` };
  if (words === null) await closeAlert(tx, loop, alert, at);
  else await openAlert(tx, loop, { ...alert, words, numbers: {} }, at);
}

/** Carries out what a look decided. */
async function follow(
  tx: Transaction,
  { loop, id }: Experiment,
  step: NextStep,
  verdict: { reason: string },
  at: Date,
): Promise<void> {
  const asked = { actor: LOOP_ITSELF, reason: verdict.reason };
  switch (step.next) {
    case "wait":
      return;
    case "promote":
      return void (await promote(tx, loop, id, { verdict, supported: true, at }, asked));
    case "ask":
      return void (await awaitApproval(tx, loop, id, verdict, asked, at));
    case "conclude":
      return void (await conclude(
        tx,
        loop,
        id,
        { outcome: step.outcome, verdict, at },
        { ...asked, reason: step.reason },
      ));
    default:
      return step satisfies never;
  }
}
