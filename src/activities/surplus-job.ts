// A job that is one too many: its run has ended, or has another job on record, so that nobody looks for this one later.
import { CANCEL_TIMEOUT } from "../domain/submission-times.ts";
import { runOfCycle, type TrainingRun } from "../store/training-runs.ts";
import type { TrainingJob, TrainingOrder } from "../trainers/trainer.ts";
import type { ActivityDeps } from "./deps.ts";
import { cancelAllButOurs, openOrphan, unanswered } from "./orphan-jobs.ts";

type Deps = Pick<ActivityDeps, "db" | "trainers" | "log">;

/** Cancels a job that is one too many. When its trainer does not answer, an alert names the key. */
export async function cancelSurplus(deps: Deps, run: TrainingRun, order: TrainingOrder, job: TrainingJob) {
  try {
    await deps.trainers[run.trainer].cancel(order, job, AbortSignal.timeout(CANCEL_TIMEOUT));
  } catch (error) {
    await openOrphan(deps, run, unanswered(error), new Date());
  }
}

/**
 * After a submission whose answer was not clear. While its run is open and has no job, the workflow looks for it. Otherwise
 * whoever sent was frozen meanwhile, and nobody else looks: what is listed is cancelled, and what is not listed may come yet.
 */
export async function cancelUnheard(deps: Deps, read: TrainingRun, order: TrainingOrder, why: string): Promise<void> {
  const run = await deps.db.withLoop(read.loop, (tx) => runOfCycle(tx, read.cycle_id, read.attempt));
  if (run === null || (run.ended_at === null && run.job_id === null)) return;
  try {
    if ((await cancelAllButOurs(deps, run, order)) > 0) return;
    await openOrphan(deps, run, `gave no clear answer to a submission that came late (${why})`, new Date());
  } catch (error) {
    await openOrphan(deps, run, unanswered(error), new Date());
  }
}
