// Jobs that may be left at a trainer which did not answer when they were to be cancelled: an alert names the key of each, and
// every pulse asks again, until none can cost anything any more.
import type { Transaction } from "../db/database.ts";
import { readProviderError } from "../providers/provider-error.ts";
import { closeAlert, openAlert, openAlerts } from "../store/alerts.ts";
import { recordAudit } from "../store/audit.ts";
import { runOfKey, type TrainingRun } from "../store/training-runs.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { readOrder } from "./order.ts";

/** For one of them; a pulse has time for all. */
const TIMEOUT = 20_000;
/** Open until its trainer has answered, with the key of a run as subject. */
export const ORPHAN_JOB = "orphan_job";
/** For how many of them a pulse asks again: each may take as long as a trainer that does not answer. */
const ORPHANS_AT_ONCE = 5;

/** What is said of a cycle's end in place of that no job is left behind. */
export const MAY_BE_LEFT = `a job may be left at its trainer (alert ${ORPHAN_JOB})`;

/** Whether an alert is open that a job of this cycle may be left at its trainer. */
export async function orphansOf(tx: Transaction, loop: string, cycleId: string): Promise<boolean> {
  const open = await openAlerts(tx, loop);
  return open.some((alert) => alert.kind === ORPHAN_JOB && alert.subject.startsWith(`${cycleId}/`));
}

/** A job may be left at its trainer: a person must look there, and hears for what. */
export async function openOrphan(
  { db, log }: Pick<ActivityDeps, "db" | "log">,
  { loop, id, key, trainer }: TrainingRun,
  error: unknown,
  at: Date,
): Promise<void> {
  const words = `${trainer} did not answer when its job was to be cancelled (${readProviderError(error).message}): look there for ${key}`;
  await db.withLoop(loop, (tx) => openAlert(tx, loop, { kind: ORPHAN_JOB, subject: key, words, numbers: {} }, at));
  log.error({ event: ORPHAN_JOB, loop, run: id, key });
}

/** Asks again for the jobs that may be left at a trainer. Once it answers, its alert closes, and this says what was done. */
export async function cancelOrphans(deps: ActivityDeps, loop: string, at: Date): Promise<string[]> {
  const open = await deps.db.withLoop(loop, (tx) => openAlerts(tx, loop));
  const orphans = open.filter((alert) => alert.kind === ORPHAN_JOB).slice(-ORPHANS_AT_ONCE); // the oldest
  const done: string[] = [];
  for (const { subject: key } of orphans) {
    const run = await deps.db.withLoop(loop, (tx) => runOfKey(tx, loop, key));
    if (run === null) continue;
    const subject = `cycle/${run.cycle_id}`;
    const cancelled = await cancelAllButOurs(deps, run).catch(() => null); // the alert says already why
    if (cancelled === null) continue;
    const reason = `${run.trainer} answers again: ${cancelled === 0 ? "no job was left" : `jobs cancelled: ${cancelled}`}`;
    await deps.db.withLoop(loop, async (tx) => {
      if (!(await closeAlert(tx, loop, { kind: ORPHAN_JOB, subject: key }, at))) return; // another attempt was quicker
      const action = "cycle.orphan_ended";
      await recordAudit(tx, { loop, at, actor: LOOP_ITSELF, action, subject, reason, payload: { key } });
    });
    done.push(`${subject}: ${reason}`);
  }
  return done;
}

/** How many jobs had the run's key without being the one that the run still needs, or has its model from. */
async function cancelAllButOurs(deps: ActivityDeps, run: TrainingRun): Promise<number> {
  const { order } = await readOrder(deps, { loop: run.loop, cycleId: run.cycle_id, attempt: run.attempt });
  const trainer = deps.trainers[run.trainer];
  const signal = AbortSignal.timeout(TIMEOUT);
  const over = run.status === "cancelled" || run.status === "failed";
  const left = (await trainer.find(order, signal)).filter(({ id }) => over || id !== run.job_id);
  for (const job of left) await trainer.cancel(order, job, signal);
  return left.length;
}
