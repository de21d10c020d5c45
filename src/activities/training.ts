// A training run at its trainer: wait for the job, register the candidate, cancel what must not go on.
import { ApplicationFailure } from "@temporalio/activity";
import { ApplicationFailureCategory } from "@temporalio/common";
import { newId } from "../domain/id.ts";
import { readProviderError } from "../providers/provider-error.ts";
import { closeAlert } from "../store/alerts.ts";
import { settleBudget } from "../store/budget.ts";
import { enterStage } from "../store/cycles.ts";
import { addModel, modelOfRun, nextModelName } from "../store/models.ts";
import { runStatus, type TrainingRun } from "../store/training-runs.ts";
import type { TrainedModel, TrainingJob } from "../trainers/trainer.ts";
import { cancelRuns } from "./cancel-run.ts";
import type { ActivityDeps } from "./deps.ts";
import { type OfAttempt, readOrder } from "./order.ts";
import { CLOSED, orderingActivities } from "./order-training.ts";
import { retryAsTold } from "./retry-as-told.ts";
import { submittingActivities, TRAINER_CLOSED } from "./submit-training.ts";

export type PollResult = { kind: "succeeded"; modelId: string; name: string } | { kind: "failed"; reason: string };

const MOST_WAIT = 30_000;
const CALL_TIMEOUT = 60_000;

export function trainingActivities(deps: ActivityDeps) {
  const { db, trainers, log } = deps;

  return {
    ...orderingActivities(deps),
    ...submittingActivities(deps),

    /** One look at the job. Throws a benign retryable failure while it runs, so that hours of waiting are one activity. */
    async pollTraining(input: OfAttempt): Promise<PollResult> {
      const { loop, cycleId } = input;
      const { run, order } = await readOrder(deps, input);
      if (run?.job_id == null) throw new Error(`cycle ${cycleId} has no job on record`);
      await db.withLoop(loop, (tx) => enterStage(tx, loop, cycleId, "poll"));
      if (run.status === "succeeded") return succeeded(loop, run); // a reset came back here: what was made stays
      const trainer = trainers[run.trainer];
      const job: TrainingJob = { id: run.job_id };
      const signal = AbortSignal.timeout(CALL_TIMEOUT);
      const found = await trainer.find(order, signal).catch(() => null);
      const status = await trainer.status(order, job, signal).catch((error: unknown) => {
        const listed = found === null || found.some((one) => one.id === job.id);
        return goneOrRetry(error, listed);
      });
      // A zombie's late request may have made a second job: the one on record stays.
      for (const extra of found ?? []) {
        if (extra.id === job.id) continue;
        const gone = await trainer.cancel(order, extra, signal).then(
          () => true,
          () => false,
        ); // the next look tries again
        log.warn({ event: "training_duplicate", loop, run: run.id, job: extra.id, cancelled: gone });
      }
      const at = new Date();
      switch (status.kind) {
        case "running":
          await db.withLoop(loop, (tx) =>
            runStatus(tx, loop, run.id, { status: "running", jobStatus: status.word, reason: null, endedAt: null }),
          );
          throw ApplicationFailure.create({
            type: "TrainingUnderWay",
            message: `the job is ${status.word}`,
            category: ApplicationFailureCategory.BENIGN,
            nextRetryDelay: waitAfter(run, at),
          });
        case "succeeded":
          return register(loop, run, status, at);
        case "failed":
        case "cancelled": {
          const reason = `${run.trainer}: ${status.reason}`;
          await db.withLoop(loop, (tx) =>
            runStatus(tx, loop, run.id, {
              status: status.kind,
              jobStatus: status.word,
              reason,
              detail: status.detail,
              endedAt: at,
            }),
          );
          return { kind: "failed", reason };
        }
        default:
          return status satisfies never;
      }
    },

    /**
     * Cancels whatever runs at trainers for this cycle, or for one attempt; `reason` says why, when it was not the cycle's
     * end. `closed`: the attempt's trainer was closed to us. `underWay`: wait until no submission can arrive, and ask again.
     */
    async cancelTraining(input: {
      loop: string;
      cycleId: string;
      attempt?: number;
      reason?: string;
      closed?: boolean;
      asOf: number;
    }): Promise<{ underWay: boolean }> {
      return { underWay: await cancelRuns(deps, { ...input, word: input.closed === true ? CLOSED : null }) };
    },
  };

  async function succeeded(loop: string, run: TrainingRun): Promise<PollResult> {
    return { kind: "succeeded", ...(await db.withLoop(loop, (tx) => modelOfRun(tx, loop, run.id))) };
  }

  async function register(
    loop: string,
    run: TrainingRun,
    made: { word: string; model: TrainedModel; costUsd: number | null },
    at: Date,
  ): Promise<PollResult> {
    return db.withLoop(loop, async (tx): Promise<PollResult> => {
      await enterStage(tx, loop, run.cycle_id, "poll"); // the cycle may have ended while the trainer was asked
      const model = await addModel(tx, {
        id: newId(),
        loop,
        name: await nextModelName(tx, loop),
        kind: made.model.kind,
        role: "candidate",
        provider: made.model.address,
        examples: made.model.examples,
        trainingRunId: run.id,
        at,
      });
      await runStatus(tx, loop, run.id, { status: "succeeded", jobStatus: made.word, reason: null, endedAt: at });
      if (made.costUsd !== null) await settleBudget(tx, run.id, made.costUsd);
      await closeAlert(tx, loop, { kind: TRAINER_CLOSED, subject: run.trainer }, at);
      return { kind: "succeeded", modelId: model.id, name: model.name };
    });
  }
}

/** A quick job is noticed quickly, a long one is not asked every second. */
function waitAfter(run: TrainingRun, now: Date): number {
  const age = now.getTime() - (run.submitted_at ?? run.intended_at).getTime();
  return Math.min(MOST_WAIT, Math.max(1_000, age / 10));
}

/** A job that is neither answered for nor listed is gone. Everything else may pass: a key can be mended, a list lags. */
function goneOrRetry(error: unknown, listed: boolean): { kind: "failed"; word: string; reason: string; detail: null } {
  const fault = readProviderError(error);
  if (fault.kind !== "final") return retryAsTold(error);
  if (fault.status === 404 && !listed)
    return {
      kind: "failed",
      word: "gone",
      reason: `the trainer does not know the job (${fault.message})`,
      detail: null,
    };
  throw ApplicationFailure.create({ type: "TrainerRefuses", message: fault.message, nextRetryDelay: "1 minute" });
}
