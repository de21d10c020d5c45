// The experiment's effects: begin, look, promote, ask, conclude, obey. Each is one transaction on the row.
import type { Transaction } from "../db/database.ts";
import type { ExperimentCommand, ExperimentOutcome } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import { experimentParameters } from "../evidence/experiment-parameters.ts";
import { enterStage, loadCycle } from "../store/cycles.ts";
import { command } from "../store/experiment/command.ts";
import { awaitApproval, beginExperiment, conclude, promote, renewServing } from "../store/experiment/lifecycle.ts";
import { addLook, lastLook } from "../store/experiment/looks.ts";
import { experimentOfCycle, loadExperiment, lockExperiment } from "../store/experiment/row.ts";
import { totalThumbs } from "../store/feedback/summary.ts";
import { evaluationOfCycle } from "../store/gold.ts";
import { settingsAt } from "../store/loops.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { judgeLook } from "./judge-look.ts";
import { type ExperimentStanding, standingOf } from "./standing.ts";

interface OfExperiment {
  loop: string;
  experimentId: string;
}
interface AtLook extends OfExperiment {
  look: number;
  asOf: number;
}
export interface LookResult {
  number: number;
  next: "wait" | "promote" | "ask" | "conclude";
  outcome: ExperimentOutcome | null;
  reason: string;
  standing: ExperimentStanding;
}

export function experimentActivities({ db, log, links }: ActivityDeps) {
  const standing = async (tx: Transaction, { loop, experimentId }: OfExperiment) =>
    standingOf(tx, await loadExperiment(tx, loop, experimentId), links);

  return {
    /** Begins the experiment of a cycle's candidate, once; with experiments switched off it is promoted at once, on the gate's word. */
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
        const cycle = await loadCycle(tx, loop, cycleId);
        const settings = await settingsAt(tx, loop, cycle.settings_version);
        const promoted = !settings.experiment.enabled;
        const begun = await experimentOfCycle(tx, cycleId);
        if (begun !== null) return { experimentId: begun.id, promoted };
        await enterStage(tx, loop, cycleId, "experiment");
        const parameters = experimentParameters(settings, await approvalOf(tx, loop));
        const asked = { actor: LOOP_ITSELF, reason: `the candidate of cycle ${cycle.number} passed the gate` };
        const id = newId();
        await beginExperiment(tx, loop, { id, cycleId, challengerId: modelId, parameters, at }, asked);
        if (promoted) {
          const gate = await evaluationOfCycle(tx, cycleId);
          const verdict = { kind: "promote", reason: gate?.reason ?? "", because: "gate" };
          await promote(
            tx,
            loop,
            id,
            { verdict, supported: true, at },
            { actor: LOOP_ITSELF, reason: `experiments are switched off; ${gate?.reason ?? ""}` },
          );
        }
        return { experimentId: id, promoted };
      });
    },

    /** Where an experiment stands, by its row. */
    async readExperiment(input: OfExperiment): Promise<ExperimentStanding> {
      return db.withLoop(input.loop, (tx) => standing(tx, input));
    },

    /** Reads the evidence, judges it, keeps the look and renews the challenger's serving. The same number again is the same look. */
    async look({
      loop,
      experimentId,
      number,
      asOf,
    }: OfExperiment & { number: number; asOf: number }): Promise<LookResult> {
      const at = new Date(asOf);
      return db.withLoop(loop, async (tx) => {
        const experiment = await lockExperiment(tx, loop, experimentId);
        if (experiment.status === "closed")
          return {
            number,
            next: "wait" as const,
            outcome: null,
            reason: "",
            standing: await standing(tx, { loop, experimentId }),
          };
        const { tallies, verdict, step, phase } = await judgeLook(tx, experiment, at);
        await addLook(tx, loop, experimentId, { number, phase, at, tallies, verdict });
        await renewServing(tx, experiment, at);
        log.info({
          event: "experiment_look",
          loop,
          experiment: experimentId,
          look: number,
          verdict: verdict.kind,
          next: step.next,
        });
        return {
          number,
          next: step.next,
          outcome: step.next === "conclude" ? step.outcome : null,
          reason: step.next === "conclude" ? step.reason : verdict.reason,
          standing: await standing(tx, { loop, experimentId }),
        };
      });
    },

    /** Promotes on the last look's verdict. */
    async promote({ loop, experimentId, asOf }: AtLook): Promise<ExperimentStanding> {
      return db.withLoop(loop, async (tx) => {
        const look = await lastLook(tx, experimentId);
        const reason = look?.verdict.reason ?? "";
        await promote(
          tx,
          loop,
          experimentId,
          { verdict: look?.verdict, supported: true, at: new Date(asOf) },
          { actor: LOOP_ITSELF, reason },
        ).catch(unlessClosed);
        return standing(tx, { loop, experimentId });
      });
    },

    /** Asks a person. */
    async askApproval({ loop, experimentId, asOf }: AtLook): Promise<ExperimentStanding> {
      return db.withLoop(loop, async (tx) => {
        const look = await lastLook(tx, experimentId);
        await awaitApproval(
          tx,
          loop,
          experimentId,
          look?.verdict,
          { actor: LOOP_ITSELF, reason: look?.verdict.reason ?? "" },
          new Date(asOf),
        );
        return standing(tx, { loop, experimentId });
      });
    },

    /** Ends the experiment as the look decided. */
    async conclude({
      loop,
      experimentId,
      outcome,
      reason,
      asOf,
    }: AtLook & { outcome: ExperimentOutcome; reason: string }): Promise<ExperimentStanding> {
      return db.withLoop(loop, async (tx) => {
        const look = await lastLook(tx, experimentId);
        await conclude(
          tx,
          loop,
          experimentId,
          { outcome, verdict: look?.verdict, at: new Date(asOf) },
          { actor: LOOP_ITSELF, reason },
        );
        log.info({ event: "learning_loop_complete", loop, experiment: experimentId, outcome });
        return standing(tx, { loop, experimentId });
      });
    },

    /** Does what an operator asked through Temporal. A refusal is final: it says who, when and what. */
    async commandExperiment(
      input: OfExperiment & { command: ExperimentCommand; actor: string; reason: string; asOf: number },
    ): Promise<{ status: string; outcome: string | null }> {
      const { loop, experimentId, actor, reason, asOf } = input;
      const { status, outcome } = await db.withLoop(loop, (tx) =>
        command(tx, loop, experimentId, { ...input.command, actor, reason }, new Date(asOf)),
      );
      return { status, outcome };
    },
  };
}

/** Someone closed it between the look and this: the row stands. */
function unlessClosed(error: unknown): void {
  if (!(error instanceof Fault && error.code === "conflict")) throw error;
}

async function approvalOf(tx: Transaction, loop: string): Promise<number | null> {
  const { up, down } = await totalThumbs(tx, loop);
  return up + down === 0 ? null : up / (up + down);
}
