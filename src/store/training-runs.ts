// Training runs: the intent is on record before anything is submitted, under a key that finds the job again.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { settleBudget } from "./budget.ts";
import { announce } from "./events.ts";

const row = z.object({
  id: z.string(),
  loop: z.string(),
  cycle_id: z.string(),
  /** 1, and one more for each trainer that was closed to us before. */
  attempt: z.number(),
  snapshot_id: z.string(),
  trainer: z.enum(["in-context", "openai-wire"]),
  key: z.string(),
  status: z.enum(["intended", "submitted", "running", "succeeded", "failed", "cancelled"]),
  job_id: z.string().nullable(),
  job_status: z.string().nullable(),
  /** Safe to show, and to stand in a history. */
  reason: z.string().nullable(),
  /** The trainer's own text about it, which may quote what people wrote: it stays in the row. */
  detail: z.string().nullable(),
  intended_at: z.date(),
  /** When the last submission left whose answer is not known to be a refusal: a job may be there. Null: there is none. */
  sent_at: z.date().nullable(),
  submitted_at: z.date().nullable(),
  ended_at: z.date().nullable(),
});
export type TrainingRun = z.output<typeof row>;

/** Why a run ended that did not end by itself. */
export const CYCLE_ENDED = "the cycle ended";

/** The key of a cycle's training run at its trainer. */
export const trainingKey = (cycleId: string, attempt: number) =>
  attempt === 1 ? `${cycleId}/train` : `${cycleId}/train/${attempt}`;

/** Records the intent. The same attempt of the same cycle again returns the same run, and `isNew` is false. */
export async function intendRun(
  tx: Transaction,
  run: {
    id: string;
    loop: string;
    cycleId: string;
    attempt: number;
    snapshotId: string;
    trainer: TrainingRun["trainer"];
    at: Date;
  },
): Promise<TrainingRun & { isNew: boolean }> {
  const { cycleId, attempt } = run;
  const added = await tx.run(sql`
    insert into training_run (id, loop, cycle_id, attempt, snapshot_id, trainer, key, intended_at)
    values (${run.id}, ${run.loop}, ${cycleId}, ${attempt}, ${run.snapshotId}, ${run.trainer}, ${trainingKey(cycleId, attempt)}, ${run.at})
    on conflict do nothing`); // of two at once the key, which says the same, may be what they meet at
  const intended = await tx.one(
    row,
    sql`select * from training_run where cycle_id = ${cycleId} and attempt = ${attempt}`,
  );
  return { ...intended, isNew: added > 0 };
}

/** A cycle's training runs, the first attempt first. */
export function runsOfCycle(tx: Transaction, cycleId: string): Promise<TrainingRun[]> {
  return tx.rows(row, sql`select * from training_run where cycle_id = ${cycleId} order by attempt`);
}

/** Runs that are open though their cycle is over: whoever was to end them has not, and nobody else will. */
export function strayRuns(tx: Transaction, loop: string): Promise<TrainingRun[]> {
  return tx.rows(
    row,
    sql`
    select training_run.* from training_run join cycle on cycle.id = training_run.cycle_id
    where training_run.loop = ${loop} and training_run.ended_at is null and cycle.ended_at is not null order by training_run.id`,
  );
}

/** The run that a key names, or null. */
export function runOfKey(tx: Transaction, loop: string, key: string): Promise<TrainingRun | null> {
  return tx.maybe(row, sql`select * from training_run where loop = ${loop} and key = ${key}`);
}

/** One attempt of a cycle's training, or null. */
export function runOfCycle(tx: Transaction, cycleId: string, attempt: number): Promise<TrainingRun | null> {
  return tx.maybe(row, sql`select * from training_run where cycle_id = ${cycleId} and attempt = ${attempt}`);
}

/**
 * A submission of a run, as it was read, is about to leave: only when this says `sending`. Of several who read the same run
 * one sends, and the others hear `another`. `at` is when it leaves, and not when it was asked for.
 */
export async function runSending(
  tx: Transaction,
  read: Pick<TrainingRun, "id" | "sent_at">,
  at: Date,
): Promise<"sending" | "another" | "ended"> {
  const changed = await tx.run(sql`
    update training_run set sent_at = ${at}
    where id = ${read.id} and ended_at is null and job_id is null and sent_at is not distinct from ${read.sent_at}`);
  if (changed > 0) return "sending";
  const { ended } = await tx.one(
    z.object({ ended: z.boolean() }),
    sql`select ended_at is not null as ended from training_run where id = ${read.id}`,
  );
  return ended ? "ended" : "another";
}

/** The submission that left at `sent` was refused clearly: there is what there was before it, unless another left since. */
export async function runRefused(tx: Transaction, id: string, sent: Date, sentBefore: Date | null): Promise<void> {
  await tx.run(
    sql`update training_run set sent_at = ${sentBefore} where id = ${id} and sent_at = ${sent} and job_id is null`,
  );
}

/** Ends a run for which nothing was ever sent, and gives its money back; false when a job may be there, or it has ended. */
export async function endUnsent(
  tx: Transaction,
  loop: string,
  id: string,
  end: { status: "failed" | "cancelled"; word: string | null; reason: string; at: Date },
): Promise<boolean> {
  const changed = await tx.run(sql`
    update training_run set status = ${end.status}, job_status = ${end.word}, reason = ${end.reason}, ended_at = ${end.at}
    where id = ${id} and ended_at is null and sent_at is null and job_id is null`);
  if (changed === 0) return false;
  await settleBudget(tx, id, 0);
  await announce(tx, loop, "training.status", id);
  return true;
}

/** How many runs of a loop made a model. */
export async function succeededRuns(tx: Transaction, loop: string): Promise<number> {
  const { runs } = await tx.one(
    z.object({ runs: z.number() }),
    sql`select count(*) as runs from training_run where loop = ${loop} and status = 'succeeded'`,
  );
  return runs;
}

/** The job is known now. False when another one is on record, or the run has ended: then this job is one too many. */
export async function runSubmitted(
  tx: Transaction,
  loop: string,
  id: string,
  jobId: string,
  at: Date,
): Promise<boolean> {
  const changed = await tx.run(sql`
    update training_run set job_id = ${jobId}, status = case status when 'intended' then 'submitted' else status end,
      submitted_at = coalesce(submitted_at, ${at}::timestamptz)
    where id = ${id} and ended_at is null and (job_id is null or job_id = ${jobId})`);
  if (changed > 0) await announce(tx, loop, "training.submitted", id);
  return changed > 0;
}

/** What the trainer last said. A run that has ended stays as it ended. */
export async function runStatus(
  tx: Transaction,
  loop: string,
  id: string,
  update: {
    status: TrainingRun["status"];
    jobStatus: string | null;
    reason: string | null;
    detail?: string | null;
    endedAt: Date | null;
  },
): Promise<void> {
  const changed = await tx.run(sql`
    update training_run set status = ${update.status}, job_status = ${update.jobStatus}, reason = ${update.reason},
      detail = ${update.detail ?? null}, ended_at = ${update.endedAt}
    where id = ${id} and ended_at is null and (status, job_status) is distinct from (${update.status}, ${update.jobStatus})`);
  if (changed > 0) await announce(tx, loop, "training.status", id);
}
