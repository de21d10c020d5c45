// The experiment's effects: begin, look, promote, ask, conclude, obey. Each is one transaction on the row.
import type { Transaction } from "../db/database.ts";
import type { ExperimentCommand, ExperimentParameters } from "../domain/experiment.ts";
import { newId } from "../domain/id.ts";
import type { Check } from "../evidence/checks/check.ts";
import { freeze } from "../evidence/freeze.ts";
import type { NextStep } from "../evidence/next-step.ts";
import { closeAlert, openAlert } from "../store/alerts.ts";
import { championBefore } from "../store/champion-before.ts";
import { enterStage, loadCycle } from "../store/cycles.ts";
import { answeredOnce, type CommandAnswer, doneOf, refusalOf } from "../store/experiment/answered-once.ts";
import { readChanges } from "../store/experiment/changes.ts";
import { command } from "../store/experiment/command.ts";
import {
  awaitApproval,
  beginExperiment,
  CHECK_ALARM,
  conclude,
  LOOK_FAILED,
  promote,
  renewServing,
} from "../store/experiment/lifecycle.ts";
import { addLook } from "../store/experiment/looks.ts";
import { openPhase } from "../store/experiment/ramp.ts";
import { type Experiment, experimentOfCycle, loadExperiment, lockExperiment } from "../store/experiment/row.ts";
import { evaluationOfCycle } from "../store/gold.ts";
import { settingsAt } from "../store/loops.ts";
import { loadModel } from "../store/models.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { isFinal } from "./final-faults.ts";
import { type JudgedLook, judgeLook, withoutModel } from "./judge-look.ts";
import { whyGone } from "./model-there.ts";
import { sayIfReset } from "./repair.ts";
import { type ExperimentStanding, standingOf } from "./standing.ts";

interface OfExperiment {
  loop: string;
  experimentId: string;
}
export function experimentActivities(deps: ActivityDeps) {
  const { db, providers, log, meter } = deps;
  const standing = async (tx: Transaction, { loop, experimentId }: OfExperiment) =>
    standingOf(tx, await loadExperiment(tx, loop, experimentId));
  /** Its workflow ends as soon as it hears that the experiment is over, so it hears of that once. */
  const heard = async (now: ExperimentStanding, { loop, experimentId }: OfExperiment) => {
    if (now.status !== "closed") return now;
    log.info({ event: "learning_loop_complete", loop, experiment: experimentId, outcome: now.outcome ?? "" });
    await sayIfReset(deps, { loop, subject: `experiment/${experimentId}`, at: new Date() });
    return now;
  };

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
        return { now: await standing(tx, { loop, experimentId }), isNew: false, judged: null };
      const seen = await judgeLook(tx, experiment, changes, at);
      const judged = gone === null ? seen : withoutModel(seen, gone);
      const { phase, tallies, verdict, step, ramp } = judged;
      await renewServing(tx, experiment, at);
      const isNew = await addLook(tx, loop, experimentId, { number, phase, at, tallies, verdict, ramp });
      await tellAlarms(tx, loop, experimentId, verdict.checks, at); // before it may be over, and its alerts closed
      if (isNew) await follow(tx, experiment, step, verdict, at);
      if (isNew && ramp?.kind === "open")
        await openPhase(tx, experiment, ramp.phase, { actor: LOOP_ITSELF, reason: ramp.words }, at);
      await closeAlert(tx, loop, { kind: LOOK_FAILED, subject: `experiment/${experimentId}` }, at);
      return { now: await standing(tx, { loop, experimentId }), isNew, judged };
    });
  }

  return {
    /** Begins the experiment of a cycle's candidate, once. */
    async beginExperiment({
      loop,
      cycleId,
      modelId,
      asOf,
    }: {
      loop: string;
      cycleId: string;
      modelId: string;
      asOf: number;
    }): Promise<{ experimentId: string; promoted: boolean }> {
      const at = new Date(asOf);
      return db.withLoop(loop, async (tx) => {
        await enterStage(tx, loop, cycleId, "experiment");
        const cycle = await loadCycle(tx, loop, cycleId);
        const begun = await experimentOfCycle(tx, cycleId);
        if (begun !== null) return { experimentId: begun.id, promoted: begun.status === "probation" };
        const settings = await settingsAt(tx, loop, cycle.settings_version);
        const id = newId();
        const parameters = freeze(settings, await championBefore(tx, loop, settings.experiment.primary, at), id);
        const reason = `the candidate of cycle ${cycle.number} passed the gate`;
        const begin = { id, cycleId, challengerId: modelId, parameters, at };
        await beginExperiment(tx, loop, begin, { actor: LOOP_ITSELF, reason });
        if (settings.experiment.enabled) return { experimentId: id, promoted: false };
        return { experimentId: id, promoted: await skipExperiment(tx, loop, { id, cycleId, parameters, at }) };
      });
    },

    /** Where an experiment stands, by its row. */
    async readExperiment(input: OfExperiment): Promise<ExperimentStanding> {
      return heard(await db.withLoop(input.loop, (tx) => standing(tx, input)), input);
    },

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
          return { now: await standing(tx, input), isNew: false, judged: null };
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
      return heard(now, input);
    },

    /**
     * Does what an operator asked through Temporal, once for each `key`: when it comes again, its answer does. A refusal is
     * final, and an answer like any other: it says who, when and what.
     */
    async commandExperiment(
      input: OfExperiment & { key: string; command: ExperimentCommand; actor: string; reason: string; asOf: number },
    ): Promise<{ status: string; outcome: string | null }> {
      const { loop, experimentId, key, actor, reason } = input;
      const at = new Date(input.asOf);
      const given = { experimentId, key, asked: { ...input.command, actor, reason } };
      const once = (work: (tx: Transaction) => Promise<CommandAnswer>) =>
        db.withLoop(loop, (tx) => answeredOnce(tx, loop, given, at, () => work(tx)));
      const answer = await once(async (tx) => {
        const { status, outcome } = await command(tx, loop, experimentId, given.asked, at);
        return { done: { status, outcome } };
      }).catch((error: unknown) => {
        const refusal = refusalOf(error);
        if (refusal === null) throw error;
        return once(async () => refusal); // in a transaction of its own: the refused one was rolled back
      });
      return doneOf(answer);
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

/**
 * Experiments are switched off: the gate's word is all there is. It is promoted at once, or waits for a person, as the
 * settings say; nobody meets it before. A promotion that nothing was tested for stays marked as unsupported.
 */
async function skipExperiment(
  tx: Transaction,
  loop: string,
  begun: { id: string; cycleId: string; parameters: ExperimentParameters; at: Date },
): Promise<boolean> {
  const { id, cycleId, parameters, at } = begun;
  const gate = await evaluationOfCycle(tx, cycleId);
  const tested = gate !== null && gate.gold_set !== null;
  const asked = { actor: LOOP_ITSELF, reason: `experiments are switched off; ${gate?.reason ?? "nothing was tested"}` };
  const verdict = { kind: tested ? "promote" : "untested", because: "gate", reason: asked.reason };
  if (parameters.promotion === "automatic") {
    await promote(tx, loop, id, { verdict, supported: tested, at }, asked);
    return true;
  }
  await awaitApproval(tx, loop, id, verdict, asked, at);
  return false;
}
