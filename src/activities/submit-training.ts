// Brings a training run to its trainer: the files, and then the order itself, so that it is paid for once.
import { ApplicationFailure, Context } from "@temporalio/activity";
import { Fault } from "../domain/fault.ts";
import { LEAVES_WITHIN, UPLOAD } from "../domain/submission-times.ts";
import { type ProviderFault, readLookError, readProviderError } from "../providers/provider-error.ts";
import { openAlert } from "../store/alerts.ts";
import { enterStage } from "../store/cycles.ts";
import { runRefused, runSending, runSubmitted, type TrainingRun } from "../store/training-runs.ts";
import type { SubmitLimit, Trainer, TrainingJob, TrainingOrder } from "../trainers/trainer.ts";
import { isUnderWay } from "./cancel-run.ts";
import type { ActivityDeps } from "./deps.ts";
import { type OfAttempt, readOrder } from "./order.ts";
import { DEFAULT_WAIT, retryAsTold } from "./retry-as-told.ts";
import { cancelSurplus, cancelUnheard } from "./surplus-job.ts";

/** What became of bringing something to a trainer. `closed`: it does not train for us any more. */
export type Brought = { kind: "brought" } | { kind: "closed"; reason: string };

/** Open while a trainer is closed to us, with its name as subject. */
export const TRAINER_CLOSED = "trainer_closed";

const FORBIDDEN = 403;
const ANOTHER = "another submission of this run may be under way";

/** There is no job, or nobody knows of one, for what became of a look or a submission. Errors of our own are none of these. */
class NoJob extends Error {
  readonly fault: ProviderFault;
  constructor(fault: ProviderFault) {
    super(fault.message);
    this.fault = fault;
  }
}

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

  /** The job that is there already, or a new one. Throws `NoJob` also when another submission may be under way. */
  async function findOrSubmit(
    input: OfAttempt & { asOf: number },
    run: TrainingRun,
    order: TrainingOrder,
    limit: SubmitLimit,
  ): Promise<{ job: TrainingJob; found: boolean }> {
    const trainer = trainers[run.trainer];
    const known = run.job_id === null ? (await look(trainer, order, limit.signal))[0] : { id: run.job_id };
    if (known !== undefined) return { job: known, found: true };
    if (isUnderWay(run, input.asOf)) throw new NoJob({ kind: "ambiguous", message: ANOTHER });
    // When it leaves: it may have been asked for long before. Where time is skipped the workflow's clock is ahead of ours.
    const at = new Date(Math.max(input.asOf, Date.now()));
    const sending = await db.withLoop(input.loop, (tx) => runSending(tx, run, at));
    if (sending === "ended") throw new Fault("conflict", `the training run ${run.key} has ended`);
    if (sending === "another") throw new NoJob({ kind: "ambiguous", message: ANOTHER });
    try {
      return { job: await trainer.submit(order, limit), found: false };
    } catch (error) {
      const fault = readProviderError(error);
      if (fault.kind === "ambiguous") await cancelUnheard(deps, run, order, fault.message);
      else await db.withLoop(input.loop, (tx) => runRefused(tx, run.id, at, run.sent_at));
      throw error instanceof Fault ? error : new NoJob(fault);
    }
  }

  return {
    /** Brings the files to the trainer. */
    async uploadTraining(input: OfAttempt & { asOf: number }): Promise<Brought> {
      const { run, order } = await readOrder(deps, input);
      const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(UPLOAD.itself)]);
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
      const notAfter = Date.now() + LEAVES_WITHIN;
      const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(LEAVES_WITHIN)]);
      await db.withLoop(loop, (tx) => enterStage(tx, loop, cycleId, "train")); // throws when the cycle is over
      const { run, order } = await readOrder(deps, input);
      try {
        const { job, found } = await findOrSubmit(input, run!, order, { signal, notAfter });
        const kept = await db.withLoop(loop, (tx) => runSubmitted(tx, loop, run!.id, job.id, new Date(asOf)));
        if (!kept) await cancelSurplus(deps, run!, order, job);
        log.info({ event: "training_submitted", loop, run: run!.id, job: job.id, found });
        return { kind: "brought" };
      } catch (error) {
        if (!(error instanceof NoJob)) throw error;
        if (isClosed(error.fault)) return closed(loop, run!, "job", error.fault, asOf);
        throw submissionFailure(error.fault);
      }
    },
  };
}

async function look(trainer: Trainer, order: TrainingOrder, signal: AbortSignal): Promise<TrainingJob[]> {
  try {
    return await trainer.find(order, signal);
  } catch (error) {
    throw error instanceof Fault ? error : new NoJob(readLookError(error));
  }
}

const isClosed = (fault: ProviderFault) => fault.kind === "final" && fault.status === FORBIDDEN;

/** By its type the workflow knows what to do: wait as told, give up, wait what may be under way out, or try again. */
function submissionFailure(fault: ProviderFault): ApplicationFailure {
  const { message } = fault;
  switch (fault.kind) {
    case "wait":
      return ApplicationFailure.create({ type: "TrainerBusy", message, details: [fault.afterMs ?? DEFAULT_WAIT] });
    case "final":
      return ApplicationFailure.create({ type: "TrainingRefused", message });
    case "ambiguous":
      return ApplicationFailure.create({ type: "TrainingUnsure", message });
    case "unsent":
      return ApplicationFailure.create({ type: "TrainingUnsent", message });
    default:
      return fault satisfies never;
  }
}
