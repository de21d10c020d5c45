// Leaves no job of a cycle behind at its trainers.
import { CANCEL_TIMEOUT, UNDER_WAY } from "../domain/submission-times.ts";
import { settleBudget } from "../store/budget.ts";
import {
  CYCLE_ENDED,
  endUnsent,
  runOfCycle,
  runStatus,
  runsOfCycle,
  type TrainingRun,
} from "../store/training-runs.ts";
import type { ActivityDeps } from "./deps.ts";
import { readOrder } from "./order.ts";
import { openOrphan, unanswered } from "./orphan-jobs.ts";

export interface Cancelling {
  loop: string;
  cycleId: string;
  /** Only this one; without it, every run of the cycle. */
  attempt?: number;
  /** Why the run failed; without it, it was cancelled because the cycle ended. */
  reason?: string;
  /** What stands as the job's status when there was none. */
  word?: string | null;
  asOf: number;
}

/** Whether a submission of this run has left, and may arrive yet. */
export function isUnderWay(run: TrainingRun, asOf: number): boolean {
  return (
    run.ended_at === null && run.job_id === null && run.sent_at !== null && asOf - run.sent_at.getTime() < UNDER_WAY
  );
}

/**
 * Cancels every job of the cycle's training runs that has not ended, and gives back what was reserved when there was none.
 * A trainer that does not answer must not hold the loop's slot: then an alert asks a person to look, and names the key by
 * which the job is found. True when a submission may be under way: then nothing has ended, and this is to be asked again.
 */
export async function cancelRuns(deps: ActivityDeps, given: Cancelling): Promise<boolean> {
  const all = await deps.db.withLoop(given.loop, (tx) => runsOfCycle(tx, given.cycleId));
  const runs = all.filter((run) => given.attempt === undefined || given.attempt === run.attempt);
  if (runs.some((run) => isUnderWay(run, given.asOf))) return true;
  for (const run of runs) {
    if (run.status === "succeeded" || run.status === "cancelled") continue;
    if (run.ended_at !== null && run.sent_at === null && run.job_id === null) continue; // nothing ever left for it
    await cancelRun(deps, given, run);
  }
  return false;
}

async function cancelRun(deps: ActivityDeps, given: Cancelling, run: TrainingRun): Promise<void> {
  const { loop, reason } = given;
  const at = new Date();
  const status = reason === undefined ? "cancelled" : "failed";
  const end = { status, reason: reason ?? CYCLE_ENDED, word: given.word ?? null, at } as const;
  if (!(await deps.db.withLoop(loop, (tx) => endUnsent(tx, loop, run.id, end)))) await cancelJobs(deps, given, run, at);
}

async function cancelJobs(deps: ActivityDeps, given: Cancelling, run: TrainingRun, at: Date): Promise<void> {
  const { loop, cycleId, reason } = given;
  const { order } = await readOrder(deps, { loop, cycleId, attempt: run.attempt });
  const trainer = deps.trainers[run.trainer];
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT);
  const jobs = new Set<string>(run.job_id === null ? [] : [run.job_id]);
  let certain = true;
  try {
    for (const job of await trainer.find(order, signal)) jobs.add(job.id);
    if (run.ended_at === null || jobs.size > 1) for (const id of jobs) await trainer.cancel(order, { id }, signal);
  } catch (error) {
    if (await wasEndedMeanwhile(deps, run)) return; // by another attempt, which has said what there was to say
    certain = false;
    await openOrphan(deps, run, unanswered(error), at);
  }
  await deps.db.withLoop(loop, async (tx) => {
    const never = certain && jobs.size === 0;
    if (never) await settleBudget(tx, run.id, 0);
    await runStatus(tx, loop, run.id, {
      status: never && reason !== undefined ? "failed" : "cancelled",
      jobStatus: run.job_status ?? given.word ?? null,
      reason: reason ?? CYCLE_ENDED,
      endedAt: at,
    });
  });
}

/** Whether a run that was open when it was read is not any more. */
async function wasEndedMeanwhile({ db }: ActivityDeps, run: TrainingRun): Promise<boolean> {
  if (run.ended_at !== null) return false;
  const now = await db.withLoop(run.loop, (tx) => runOfCycle(tx, run.cycle_id, run.attempt));
  return now !== null && now.ended_at !== null;
}
