// Orders a training run: the intent is on record and the money reserved before anything leaves.
import { milliseconds } from "../domain/duration.ts";
import { newId } from "../domain/id.ts";
import { recordAudit } from "../store/audit.ts";
import { reserveBudget } from "../store/budget.ts";
import { enterStage } from "../store/cycles.ts";
import { modelOfRun } from "../store/models.ts";
import { intendRun, runOfCycle, runStatus, type TrainingRun } from "../store/training-runs.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { type OfAttempt, type Ordered, readOrder } from "./order.ts";

type TrainerName = TrainingRun["trainer"];
export type Order =
  /** `fallback`: who trains when this trainer turns out to be closed. */
  | { kind: "ordered"; trainer: TrainerName; fallback: TrainerName | null; deadlineMs: number }
  /** It was ordered before and has ended: the workflow was reset to before that. */
  | { kind: "made"; modelId: string; name: string }
  | { kind: "ended"; trainer: TrainerName; fallback: TrainerName | null; reason: string }
  | { kind: "prepared"; reason: string }
  | { kind: "over_budget"; reason: string };

/** What stands as a run's job status when its trainer was closed to us. */
export const CLOSED = "closed";

export function orderingActivities(deps: ActivityDeps) {
  const { db, trainers } = deps;
  return {
    /** Records the intent and reserves the money, or says why this run does not start. */
    async orderTraining(input: OfAttempt & { asOf: number }): Promise<Order> {
      const { loop, cycleId, attempt, asOf } = input;
      const { cycle, settings, snapshot, order } = await readOrder(deps, input);
      const { trainer: first, fallback, automatic, deadline } = settings.training;
      const trainer = attempt === 1 ? first : fallback;
      if (trainer === null) throw new Error(`cycle ${cycleId} has no trainer for attempt ${attempt}`);
      const instead = attempt === 1 && fallback !== first ? fallback : null;
      const estimate = trainers[trainer].estimate(order);
      const at = new Date(asOf);
      return db.withLoop(loop, async (tx): Promise<Order> => {
        await enterStage(tx, loop, cycleId, "train");
        const closed = attempt === 1 ? null : await runOfCycle(tx, cycleId, attempt - 1);
        const since = closed === null ? "" : `${closed.reason}; `;
        const held = cycle.pulse === null ? null : holdsBack(automatic, trainer, estimate);
        if (held !== null) return { kind: "prepared", reason: since + ready(snapshot, held) };
        const { isNew, ...run } = await intendRun(tx, {
          id: newId(),
          loop,
          cycleId,
          attempt,
          snapshotId: snapshot.id,
          trainer,
          at,
        });
        if (isNew && closed !== null)
          await recordAudit(tx, {
            loop,
            at,
            actor: LOOP_ITSELF,
            action: "cycle.fallback",
            subject: `cycle/${cycleId}`,
            reason: `${closed.reason}: ${trainer} trains instead`,
            payload: { from: closed.trainer, to: trainer, key: run.key },
          });
        if (run.status === "succeeded") return { kind: "made", ...(await modelOfRun(tx, loop, run.id)) };
        if (run.ended_at !== null)
          return {
            kind: "ended",
            trainer,
            fallback: run.job_status === CLOSED ? instead : null,
            reason: run.reason ?? `the run was ${run.status}`,
          };
        // A price that nobody knows is taken as all that one run may cost.
        const refused = await reserveBudget(
          tx,
          loop,
          { id: run.id, estimateUsd: estimate ?? settings.budget.perRunUsd, at },
          settings.budget,
        );
        if (refused === null)
          return { kind: "ordered", trainer, fallback: instead, deadlineMs: milliseconds(deadline) };
        await runStatus(tx, loop, run.id, { status: "failed", jobStatus: null, reason: refused, endedAt: at });
        return { kind: "over_budget", reason: since + refused };
      });
    },
  };
}

/** Why a cycle that began by itself does not train by itself, or null. */
function holdsBack(automatic: boolean | "free", trainer: TrainerName, estimate: number | null): string | null {
  if (automatic === false) return "training is not automatic (training.automatic: false)";
  if (automatic === "free" && estimate !== 0) return `${trainer} costs money and training.automatic is "free"`;
  return null;
}

const ready = ({ examples }: Ordered["snapshot"], held: string) =>
  `the snapshot of ${examples} examples is ready; ${held}: start it with ratchet cycle start`;
