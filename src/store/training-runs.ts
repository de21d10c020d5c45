// Training runs: the intent is on record before anything is submitted, under a key that finds the job again.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { announce } from "./events.ts";

const row = z.object({
  id: z.string(),
  loop: z.string(),
  cycle_id: z.string(),
  snapshot_id: z.string(),
  trainer: z.enum(["in-context", "openai-wire"]),
  key: z.string(),
  status: z.enum(["intended", "submitted", "running", "succeeded", "failed", "cancelled"]),
  job_id: z.string().nullable(),
  job_status: z.string().nullable(),
  reason: z.string().nullable(),
  intended_at: z.date(),
  submitted_at: z.date().nullable(),
  ended_at: z.date().nullable(),
});
export type TrainingRun = z.output<typeof row>;

/** Records the intent. The same cycle again returns the same run. */
export async function intendRun(
  tx: Transaction,
  run: {
    id: string;
    loop: string;
    cycleId: string;
    snapshotId: string;
    trainer: TrainingRun["trainer"];
    key: string;
    at: Date;
  },
): Promise<TrainingRun> {
  await tx.run(sql`
    insert into training_run (id, loop, cycle_id, snapshot_id, trainer, key, intended_at)
    values (${run.id}, ${run.loop}, ${run.cycleId}, ${run.snapshotId}, ${run.trainer}, ${run.key}, ${run.at})
    on conflict (cycle_id) do nothing`);
  return tx.one(row, sql`select * from training_run where cycle_id = ${run.cycleId}`);
}

export function runOfCycle(tx: Transaction, cycleId: string): Promise<TrainingRun | null> {
  return tx.maybe(row, sql`select * from training_run where cycle_id = ${cycleId}`);
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
  update: { status: TrainingRun["status"]; jobStatus: string | null; reason: string | null; endedAt: Date | null },
): Promise<void> {
  const changed = await tx.run(sql`
    update training_run set status = ${update.status}, job_status = ${update.jobStatus}, reason = ${update.reason}, ended_at = ${update.endedAt}
    where id = ${id} and ended_at is null and (status, job_status) is distinct from (${update.status}, ${update.jobStatus})`);
  if (changed > 0) await announce(tx, loop, "training.status", id);
}
