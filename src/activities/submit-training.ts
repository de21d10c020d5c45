// Brings a training run to its trainer: the files, and then the order itself, so that it is paid for once.
import { ApplicationFailure, Context } from "@temporalio/activity";
import { Fault } from "../domain/fault.ts";
import { type ProviderFault, readProviderError } from "../providers/provider-error.ts";
import { openAlert } from "../store/alerts.ts";
import { enterStage } from "../store/cycles.ts";
import { runRefused, runSending, runSubmitted, type TrainingRun } from "../store/training-runs.ts";
import type { TrainingJob, TrainingOrder } from "../trainers/trainer.ts";
import { isUnderWay } from "./cancel-run.ts";
import type { ActivityDeps } from "./deps.ts";
import { type OfAttempt, readOrder } from "./order.ts";
import { openOrphan } from "./orphan-jobs.ts";
import { DEFAULT_WAIT, retryAsTold } from "./retry-as-told.ts";

/** What became of bringing something to a trainer. `closed`: it does not train for us any more. */
export type Brought = { kind: "brought" } | { kind: "closed"; reason: string };

/** Open while a trainer is closed to us, with its name as subject. */
export const TRAINER_CLOSED = "trainer_closed";

const FORBIDDEN = 403;
const ANOTHER = "another submission of this run may be under way";
/** Less than the activity may take, so that it says itself what it waited for. */
const UPLOAD_TIMEOUT = 25 * 60_000;
/** From the activity's start: for reading, looking and submitting together. Less than `UNDER_WAY`, which begins when it leaves. */
const SUBMISSION_TIMEOUT = 30_000;
/** For cancelling a job that is one too many: together with the above less than the activity may take. */
const SURPLUS_TIMEOUT = 20_000;

export function submittingActivities(deps: Pick<ActivityDeps, "db" | "artifacts" | "trainers" | "log">) {
  const { db, trainers, log } = deps;

  /** Says so in an alert, until a run of this trainer works again. */
  async function closed(loop: string, { trainer }: TrainingRun, what: string, fault: ProviderFault, asOf: number) {
    const reason = `${trainer} is closed to us: it refused the ${what} (${fault.message})`;
    await db.withLoop(loop, (tx) =>
      openAlert(tx, loop, { kind: TRAINER_CLOSED, subject: trainer, words: reason, numbers: {} }, new Date(asOf)),
    );
    log.error({ event: TRAINER_CLOSED, loop, trainer });
    return { kind: "closed" as const, reason };
  }

  /** The job that is there already, or a new one. Throws when another submission may be under way. */
  async function findOrSubmit(
    input: OfAttempt & { asOf: number },
    run: TrainingRun,
    order: TrainingOrder,
    signal: AbortSignal,
  ): Promise<{ job: TrainingJob; found: boolean }> {
    const trainer = trainers[run.trainer];
    const known = run.job_id !== null ? { id: run.job_id } : (await trainer.find(order, signal))[0];
    if (known !== undefined) return { job: known, found: true };
    if (isUnderWay(run, input.asOf)) throw new Error(ANOTHER);
    // When it leaves: it may have been asked for long before. Where time is skipped the workflow's clock is ahead of ours.
    const at = new Date(Math.max(input.asOf, Date.now()));
    const sending = await db.withLoop(input.loop, (tx) => runSending(tx, run, at));
    if (sending === "ended") throw new Fault("conflict", `the training run ${run.key} has ended`);
    if (sending === "another") throw new Error(ANOTHER);
    try {
      signal.throwIfAborted(); // what was waited for took too long: others may take it as given up
      return { job: await trainer.submit(order, signal), found: false };
    } catch (error) {
      if (readProviderError(error).kind !== "ambiguous")
        await db.withLoop(input.loop, (tx) => runRefused(tx, run.id, at, run.sent_at));
      throw error;
    }
  }

  /** Another job is on record, or the run has ended meanwhile: this one is one too many, and nobody looks for it later. */
  async function cancelSurplus(run: TrainingRun, order: TrainingOrder, job: TrainingJob): Promise<void> {
    try {
      await trainers[run.trainer].cancel(order, job, AbortSignal.timeout(SURPLUS_TIMEOUT));
    } catch (error) {
      await openOrphan(deps, run, error, new Date());
    }
  }

  return {
    /** Brings the files to the trainer. */
    async uploadTraining(input: OfAttempt & { asOf: number }): Promise<Brought> {
      const { run, order } = await readOrder(deps, input);
      const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(UPLOAD_TIMEOUT)]);
      try {
        await trainers[run!.trainer].prepare(order, signal);
        return { kind: "brought" };
      } catch (error) {
        const fault = readProviderError(error);
        return isClosed(fault) ? closed(input.loop, run!, "files", fault, input.asOf) : retryAsTold(error);
      }
    },

    /** Submits unless the job is there already. One attempt: the workflow waits and asks again when the answer was not clear. */
    async submitTraining(input: OfAttempt & { asOf: number }): Promise<Brought> {
      const { loop, cycleId, asOf } = input;
      // First of all: whoever waits long for the loop's lock, or was halted, must not send any more.
      const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(SUBMISSION_TIMEOUT)]);
      await db.withLoop(loop, (tx) => enterStage(tx, loop, cycleId, "train")); // throws when the cycle is over
      const { run, order } = await readOrder(deps, input);
      try {
        const { job, found } = await findOrSubmit(input, run!, order, signal);
        const kept = await db.withLoop(loop, (tx) => runSubmitted(tx, loop, run!.id, job.id, new Date(asOf)));
        if (!kept) await cancelSurplus(run!, order, job);
        log.info({ event: "training_submitted", loop, run: run!.id, job: job.id, found });
        return { kind: "brought" };
      } catch (error) {
        if (error instanceof Fault) throw error;
        const fault = readProviderError(error);
        if (isClosed(fault)) return closed(loop, run!, "job", fault, asOf);
        throw submissionFailure(fault);
      }
    },
  };
}

const isClosed = (fault: ProviderFault) => fault.kind === "final" && fault.status === FORBIDDEN;

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
