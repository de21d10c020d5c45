// Jobs that may be left at a trainer which did not answer when they were to be cancelled: an alert names the key of each, and
// every pulse asks again, until none can cost anything any more.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { CANCEL_TIMEOUT, SETTLING } from "../domain/submission-times.ts";
import { readProviderError } from "../providers/provider-error.ts";
import { closeAlert, numberAlert, openAlert, openAlerts } from "../store/alerts.ts";
import { recordAudit } from "../store/audit.ts";
import { runOfKey, type TrainingRun } from "../store/training-runs.ts";
import type { TrainingOrder } from "../trainers/trainer.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { readOrder } from "./order.ts";

/** Open until its trainer has answered, with the key of a run as subject. */
export const ORPHAN_JOB = "orphan_job";
/** For how many of them a pulse asks again: it has time for all, when each takes as long as it may. */
const ORPHANS_AT_ONCE = 5;

/** What is said of a cycle's end in place of that no job is left behind. */
export const MAY_BE_LEFT = `a job may be left at its trainer (alert ${ORPHAN_JOB})`;

type Deps = Pick<ActivityDeps, "db" | "artifacts" | "trainers" | "log">;
type Alert = Awaited<ReturnType<typeof openAlerts>>[number];

/** Whether an alert is open that a job of this cycle may be left at its trainer. */
export async function orphansOf(tx: Transaction, loop: string, cycleId: string): Promise<boolean> {
  const open = await openAlerts(tx, loop);
  return open.some((alert) => alert.kind === ORPHAN_JOB && alert.subject.startsWith(`${cycleId}/`));
}

/** Why a job may be left whose trainer could not be asked to cancel it. */
export const unanswered = (error: unknown) =>
  `did not answer when its job was to be cancelled (${readProviderError(error).message})`;

/** A job may be left at its trainer, for what the trainer did: a person must look there, and hears for what. */
export async function openOrphan(
  { db, log }: Pick<ActivityDeps, "db" | "log">,
  { loop, id, key, trainer }: TrainingRun,
  why: string,
  at: Date,
): Promise<void> {
  const words = `${trainer} ${why}: look there for ${key}`;
  log.error({ event: ORPHAN_JOB, loop, run: id, key });
  await db.withLoop(loop, (tx) => openAlert(tx, loop, { kind: ORPHAN_JOB, subject: key, words, numbers: {} }, at));
}

/**
 * Asks again for the jobs that may be left at a trainer: first for those for which nobody has asked for longest, and no more
 * in this pulse at an address that has just not answered. Once one answers, its alert closes, and this says what was done.
 */
export async function cancelOrphans(deps: Deps, loop: string, at: Date): Promise<string[]> {
  const open = await deps.db.withLoop(loop, (tx) => openAlerts(tx, loop));
  const orphans = open.filter((alert) => alert.kind === ORPHAN_JOB).sort(byLastAsked);
  const silent = new Set<string>();
  const done: string[] = [];
  let asked = 0;
  for (const alert of orphans) {
    if (asked === ORPHANS_AT_ONCE) break;
    const run = await deps.db.withLoop(loop, (tx) => runOfKey(tx, loop, alert.subject));
    if (run === null) continue;
    const { order } = await readOrder(deps, { loop, cycleId: run.cycle_id, attempt: run.attempt });
    const address = JSON.stringify([run.trainer, order.base.provider, order.base.baseURL]);
    if (silent.has(address)) continue;
    asked += 1;
    const cancelled = await cancelAllButOurs(deps, run, order).catch(() => null); // the alert says already why
    if (cancelled === null) silent.add(address);
    const said = cancelled === null || mayArriveYet(alert, cancelled, at) ? null : wordsFor(run, cancelled);
    if (await deps.db.withLoop(loop, (tx) => conclude(tx, run, said, at))) done.push(`cycle/${run.cycle_id}: ${said}`);
  }
  return done;
}

const askedOf = z.looseObject({ last_asked: z.string().optional() });

/** An instant as text; whoever opened the alert had asked then. */
const lastAsked = ({ numbers, opened_at: opened }: Alert) => askedOf.parse(numbers).last_asked ?? opened.toISOString();

const byLastAsked = (left: Alert, right: Alert) => lastAsked(left).localeCompare(lastAsked(right));

/** Whether a job that is not listed may be on its way: nobody waited it out before the alert was opened. */
const mayArriveYet = ({ opened_at: opened }: Alert, cancelled: number, at: Date) =>
  cancelled === 0 && at.getTime() - opened.getTime() < SETTLING;

const wordsFor = ({ trainer }: TrainingRun, cancelled: number) =>
  `${trainer} answers again: ${cancelled === 0 ? "no job was left" : `jobs cancelled: ${cancelled}`}`;

/** Closes the alert with a reason, or notes that it was asked for in vain. Whether it closed: another attempt may have been quicker. */
async function conclude(tx: Transaction, run: TrainingRun, reason: string | null, at: Date): Promise<boolean> {
  const { loop, key } = run;
  const alert = { kind: ORPHAN_JOB, subject: key } as const;
  if (reason === null) {
    await numberAlert(tx, loop, alert, { last_asked: at.toISOString() });
    return false;
  }
  if (!(await closeAlert(tx, loop, alert, at))) return false;
  const subject = `cycle/${run.cycle_id}`;
  const action = "cycle.orphan_ended";
  await recordAudit(tx, { loop, at, actor: LOOP_ITSELF, action, subject, reason, payload: { key } });
  return true;
}

/** Cancels the jobs with the run's key, but the one that the run still needs, or has its model from. How many there were. */
export async function cancelAllButOurs(
  { trainers }: Pick<ActivityDeps, "trainers">,
  run: TrainingRun,
  order: TrainingOrder,
): Promise<number> {
  const trainer = trainers[run.trainer];
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT);
  const over = run.status === "cancelled" || run.status === "failed";
  const left = (await trainer.find(order, signal)).filter(({ id }) => over || id !== run.job_id);
  for (const job of left) await trainer.cancel(order, job, signal);
  return left.length;
}
