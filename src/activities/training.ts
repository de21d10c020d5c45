// Training's effects: record the intent, reserve the money, upload, submit once, poll, register the candidate.

import { ApplicationFailure, Context } from "@temporalio/activity";
import { ApplicationFailureCategory } from "@temporalio/common";
import { milliseconds } from "../domain/duration.ts";
import { newId } from "../domain/id.ts";
import { type ProviderFault, readProviderError } from "../providers/provider-error.ts";
import { reserveBudget, settleBudget } from "../store/budget.ts";
import { enterStage } from "../store/cycles.ts";
import { addModel, nextModelName } from "../store/models.ts";
import { intendRun, runStatus, runSubmitted, type TrainingRun } from "../store/training-runs.ts";
import type { TrainedModel, TrainingJob } from "../trainers/trainer.ts";
import { cancelRun } from "./cancel-run.ts";
import type { ActivityDeps } from "./deps.ts";
import { readOrder } from "./order.ts";

interface OfCycle {
  loop: string;
  cycleId: string;
}
export type Order =
  | { kind: "ordered"; trainer: string; deadlineMs: number }
  | { kind: "prepared"; reason: string }
  | { kind: "over_budget"; reason: string };
export type PollResult = { kind: "succeeded"; modelId: string; name: string } | { kind: "failed"; reason: string };

const DEFAULT_WAIT = 30_000;
const MOST_WAIT = 30_000;
const UPLOAD_TIMEOUT = 30 * 60_000;
const CALL_TIMEOUT = 60_000;
/** For looking and submitting together; the workflow waits out more than this before it looks again. */
const SUBMISSION_TIMEOUT = 30_000;

export function trainingActivities(deps: ActivityDeps) {
  const { db, trainers, log } = deps;

  return {
    /** Records the intent and reserves the money, or says why this run does not start. */
    async orderTraining({ loop, cycleId, asOf }: OfCycle & { asOf: number }): Promise<Order> {
      const { cycle, settings, snapshot, order } = await readOrder(deps, loop, cycleId);
      const { trainer: name, automatic, deadline } = settings.training;
      const estimate = trainers[name].estimate(order);
      const byItself = cycle.pulse !== null;
      if (byItself && automatic === false)
        return {
          kind: "prepared",
          reason: `the snapshot of ${snapshot.examples} examples is ready; training is not automatic (training.automatic: false): start it with ratchet cycle start`,
        };
      if (byItself && automatic === "free" && estimate !== 0)
        return {
          kind: "prepared",
          reason: `the snapshot of ${snapshot.examples} examples is ready; ${name} costs money and training.automatic is "free": start it with ratchet cycle start`,
        };
      const at = new Date(asOf);
      return db.withLoop(loop, async (tx): Promise<Order> => {
        await enterStage(tx, loop, cycleId, "train");
        const run = await intendRun(tx, {
          id: newId(),
          loop,
          cycleId,
          snapshotId: snapshot.id,
          trainer: name,
          key: order.key,
          at,
        });
        // A price that nobody knows is taken as all that one run may cost.
        const refused = await reserveBudget(
          tx,
          loop,
          { id: run.id, estimateUsd: estimate ?? settings.budget.perRunUsd, at },
          settings.budget,
        );
        if (refused === null) return { kind: "ordered", trainer: name, deadlineMs: milliseconds(deadline) };
        await runStatus(tx, loop, run.id, { status: "failed", jobStatus: null, reason: refused, endedAt: at });
        return { kind: "over_budget", reason: refused };
      });
    },

    /** Brings the files to the trainer. */
    async uploadTraining({ loop, cycleId }: OfCycle): Promise<void> {
      const { run, order } = await readOrder(deps, loop, cycleId);
      const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(UPLOAD_TIMEOUT)]);
      await trainers[run!.trainer].prepare(order, signal).catch(retryAsTold);
    },

    /** Submits unless the job is there already. One attempt: the workflow waits and asks again when the answer was not clear. */
    async submitTraining({ loop, cycleId, asOf }: OfCycle & { asOf: number }): Promise<{ jobId: string }> {
      await db.withLoop(loop, (tx) => enterStage(tx, loop, cycleId, "train")); // throws when the cycle is over
      const { run, order } = await readOrder(deps, loop, cycleId);
      const trainer = trainers[run!.trainer];
      const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(SUBMISSION_TIMEOUT)]);
      try {
        const known = run!.job_id !== null ? { id: run!.job_id } : ((await trainer.find(order, signal))[0] ?? null);
        const job = known ?? (await trainer.submit(order, signal));
        const kept = await db.withLoop(loop, (tx) => runSubmitted(tx, loop, run!.id, job.id, new Date(asOf)));
        // Another job is on record, or the run has ended meanwhile: this one is one too many.
        if (!kept) await trainer.cancel(order, job, AbortSignal.timeout(CALL_TIMEOUT));
        log.info({ event: "training_submitted", loop, run: run!.id, job: job.id, found: known !== null });
        return { jobId: job.id };
      } catch (error) {
        throw submissionFailure(readProviderError(error));
      }
    },

    /** One look at the job. Throws a benign retryable failure while it runs, so that hours of waiting are one activity. */
    async pollTraining({ loop, cycleId }: OfCycle): Promise<PollResult> {
      const { run, order } = await readOrder(deps, loop, cycleId);
      if (run?.job_id == null) throw new Error(`cycle ${cycleId} has no job on record`);
      await db.withLoop(loop, (tx) => enterStage(tx, loop, cycleId, "poll"));
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
          await db.withLoop(loop, (tx) =>
            runStatus(tx, loop, run.id, {
              status: status.kind,
              jobStatus: status.word,
              reason: status.detail === null ? status.reason : `${status.reason}: ${status.detail}`,
              endedAt: at,
            }),
          );
          return { kind: "failed", reason: `${run.trainer}: ${status.reason}` };
        }
        default:
          return status satisfies never;
      }
    },

    /** Cancels whatever runs at the trainer for this cycle; `reason` says why, when it was not the cycle's end. */
    async cancelTraining(input: OfCycle & { reason?: string }): Promise<void> {
      await cancelRun(deps, input);
    },
  };

  async function register(
    loop: string,
    run: TrainingRun,
    made: { word: string; model: TrainedModel; costUsd: number | null },
    at: Date,
  ): Promise<PollResult> {
    return db.withLoop(loop, async (tx): Promise<PollResult> => {
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
      return { kind: "succeeded", modelId: model.id, name: model.name };
    });
  }
}

/** A quick job is noticed quickly, a long one is not asked every second. */
function waitAfter(run: TrainingRun, now: Date): number {
  const age = now.getTime() - (run.submitted_at ?? run.intended_at).getTime();
  return Math.min(MOST_WAIT, Math.max(1_000, age / 10));
}

function submissionFailure(fault: ProviderFault): ApplicationFailure {
  if (fault.kind === "wait")
    return ApplicationFailure.create({
      type: "TrainerBusy",
      message: fault.message,
      details: [fault.afterMs ?? DEFAULT_WAIT],
    });
  return ApplicationFailure.create({
    type: fault.kind === "final" ? "TrainingRefused" : "TrainingUnsure",
    message: fault.message,
  });
}

/** For calls that may be repeated: wait as told, give up on what will not change, else let the retry policy go on. */
function retryAsTold(error: unknown): never {
  const fault = readProviderError(error);
  if (fault.kind === "wait")
    throw ApplicationFailure.create({
      type: "TrainerBusy",
      message: fault.message,
      nextRetryDelay: fault.afterMs ?? DEFAULT_WAIT,
    });
  if (fault.kind === "final")
    throw ApplicationFailure.create({ type: "TrainingRefused", message: fault.message, nonRetryable: true });
  throw error;
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
