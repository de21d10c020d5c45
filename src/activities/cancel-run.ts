// Leaves no job of a cycle behind at its trainer.
import { readProviderError } from "../providers/provider-error.ts";
import { openAlert } from "../store/alerts.ts";
import { runOfCycle, runStatus } from "../store/training-runs.ts";
import type { ActivityDeps } from "./deps.ts";
import { readOrder } from "./order.ts";

const TIMEOUT = 60_000;

/**
 * Cancels every job of the cycle's training run that has not ended. A trainer that does not answer must not hold the
 * loop's slot: then an alert asks a person to look, and names the key by which the job is found.
 */
export async function cancelRun(
  deps: ActivityDeps,
  { loop, cycleId }: { loop: string; cycleId: string },
): Promise<void> {
  const run = await deps.db.withLoop(loop, (tx) => runOfCycle(tx, cycleId));
  if (run === null || run.status === "succeeded" || run.status === "cancelled") return;
  const { order } = await readOrder(deps, loop, cycleId);
  const trainer = deps.trainers[run.trainer];
  const signal = AbortSignal.timeout(TIMEOUT);
  const at = new Date();
  try {
    const found = await trainer.find(order, signal);
    const jobs = new Set([...found.map((job) => job.id), ...(run.job_id === null ? [] : [run.job_id])]);
    for (const id of jobs) await trainer.cancel(order, { id }, signal);
  } catch (error) {
    const words = `${run.trainer} did not answer when its job was to be cancelled (${readProviderError(error).message}): look there for ${run.key}`;
    await deps.db.withLoop(loop, (tx) =>
      openAlert(tx, loop, { kind: "orphan_job", subject: run.key, words, numbers: {} }, at),
    );
    deps.log.error({ event: "orphan_job", loop, run: run.id, key: run.key });
  }
  await deps.db.withLoop(loop, (tx) =>
    runStatus(tx, loop, run.id, {
      status: "cancelled",
      jobStatus: run.job_status,
      reason: "the cycle ended",
      endedAt: at,
    }),
  );
}
