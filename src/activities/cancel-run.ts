// Leaves no job of a cycle behind at its trainer.
import { readProviderError } from "../providers/provider-error.ts";
import { openAlert } from "../store/alerts.ts";
import { settleBudget } from "../store/budget.ts";
import { runOfCycle, runStatus } from "../store/training-runs.ts";
import type { ActivityDeps } from "./deps.ts";
import { readOrder } from "./order.ts";

const TIMEOUT = 60_000;

/**
 * Cancels every job of the cycle's training run that has not ended, and gives back what was reserved when there was none.
 * A trainer that does not answer must not hold the loop's slot: then an alert asks a person to look, and names the key by
 * which the job is found.
 */
export async function cancelRun(
  deps: ActivityDeps,
  { loop, cycleId, reason }: { loop: string; cycleId: string; reason?: string },
): Promise<void> {
  const run = await deps.db.withLoop(loop, (tx) => runOfCycle(tx, cycleId));
  if (run === null || run.status === "succeeded" || run.status === "cancelled") return;
  const { order } = await readOrder(deps, loop, cycleId);
  const trainer = deps.trainers[run.trainer];
  const signal = AbortSignal.timeout(TIMEOUT);
  const at = new Date();
  const jobs = new Set<string>(run.job_id === null ? [] : [run.job_id]);
  let certain = true;
  try {
    for (const job of await trainer.find(order, signal)) jobs.add(job.id);
    if (run.ended_at === null || jobs.size > 1) for (const id of jobs) await trainer.cancel(order, { id }, signal);
  } catch (error) {
    certain = false;
    const words = `${run.trainer} did not answer when its job was to be cancelled (${readProviderError(error).message}): look there for ${run.key}`;
    await deps.db.withLoop(loop, (tx) =>
      openAlert(tx, loop, { kind: "orphan_job", subject: run.key, words, numbers: {} }, at),
    );
    deps.log.error({ event: "orphan_job", loop, run: run.id, key: run.key });
  }
  await deps.db.withLoop(loop, async (tx) => {
    const never = certain && jobs.size === 0;
    if (never) await settleBudget(tx, run.id, 0);
    await runStatus(tx, loop, run.id, {
      status: never && reason !== undefined ? "failed" : "cancelled",
      jobStatus: run.job_status,
      reason: reason ?? "the cycle ended",
      endedAt: at,
    });
  });
}
