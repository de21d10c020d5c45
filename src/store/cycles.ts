// Cycles: one pass from snapshot to experiment. The row is made before its workflow starts.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import type { CycleOutcome, CycleStage } from "../domain/cycle.ts";
import type { Asked } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import { recordAudit } from "./audit.ts";
import { announce } from "./events.ts";
import { makeRoom } from "./experiment/lifecycle.ts";
import { holdLoop } from "./hold-loop.ts";
import { releaseSlot, takeSlot } from "./slots.ts";
import { CYCLE_ENDED, endUnsent, runsOfCycle } from "./training-runs.ts";

const row = z.object({
  id: z.string(),
  loop: z.string(),
  number: z.number(),
  pulse: z.number().nullable(),
  started_by: z.string(),
  reason: z.string(),
  settings_version: z.number(),
  watermark: z.number(),
  as_of: z.date(),
  stage: z.enum(["generate", "train", "poll", "evaluate", "experiment", "done"]),
  outcome: z
    .enum([
      "experiment",
      "promoted",
      "nothing_to_learn",
      "prepared",
      "over_budget",
      "training_failed",
      "gate_failed",
      "cancelled",
      "failed",
    ])
    .nullable(),
  outcome_reason: z.string().nullable(),
  started_at: z.date(),
  ended_at: z.date().nullable(),
});
export type Cycle = z.output<typeof row>;

/** The cycle, or a Fault `not_found`. */
export async function loadCycle(tx: Transaction, loop: string, id: string): Promise<Cycle> {
  const found = await tx.maybe(row, sql`select * from cycle where loop = ${loop} and id::text = ${id}`);
  if (found === null)
    throw new Fault("not_found", `loop "${loop}" has no cycle "${id}"`, { hint: "ratchet cycle list shows them" });
  return found;
}

/** The newest first, below number `before` when given. */
export function listCycles(
  tx: Transaction,
  loop: string,
  page: { before: number | null; limit: number },
): Promise<Cycle[]> {
  return tx.rows(
    row,
    sql`
    select * from cycle where loop = ${loop} and number < coalesce(${page.before}::integer, 2147483647) order by number desc limit ${page.limit}`,
  );
}

/** The cycle under way, if any. */
export function openCycle(tx: Transaction, loop: string): Promise<Cycle | null> {
  return tx.maybe(row, sql`select * from cycle where loop = ${loop} and ended_at is null`);
}

/** Makes a cycle and takes the slot; a pulse that asks again gets the one it made. */
export async function createCycle(
  tx: Transaction,
  loop: string,
  asked: Asked,
  from: { pulse: number | null; watermark: number; settingsVersion: number; asOf: Date },
): Promise<Cycle> {
  await holdLoop(tx, loop);
  if (from.pulse !== null) {
    const made = await tx.maybe(row, sql`select * from cycle where loop = ${loop} and pulse = ${from.pulse}`);
    if (made !== null) return made;
  }
  await makeRoom(tx, loop, asked, from.asOf);
  const id = newId();
  await tx.run(sql`
    insert into cycle (id, loop, number, pulse, started_by, reason, settings_version, watermark, as_of, started_at)
    select ${id}, ${loop}, coalesce(max(number), 0) + 1, ${from.pulse}::bigint, ${asked.actor}, ${asked.reason}, ${from.settingsVersion}::integer,
           ${from.watermark}::bigint, ${from.asOf}::timestamptz, ${from.asOf}::timestamptz
    from cycle where loop = ${loop}`);
  await takeSlot(tx, loop, { cycleId: id }, from.asOf);
  await recordAudit(tx, { loop, at: from.asOf, ...asked, action: "cycle.start", subject: `cycle/${id}` });
  await announce(tx, loop, "cycle.started", id);
  return loadCycle(tx, loop, id);
}

/**
 * Holds the loop with this cycle open until the transaction ends. Throws a Fault `conflict` when it is over: whoever works on it
 * must stop, since an operator's cancel is on the row even when its workflow never heard of it.
 */
export async function holdOpenCycle(tx: Transaction, loop: string, id: string): Promise<void> {
  await holdLoop(tx, loop);
  const { ended_at: endedAt, outcome, outcome_reason: reason } = await loadCycle(tx, loop, id);
  if (endedAt !== null) throw new Fault("conflict", `cycle ${id} is over: ${outcome} (${reason})`);
}

/** The id of the snapshot that the last attempt began to make, whether that came to be or not; null before the first. */
export async function snapshotDraft(tx: Transaction, loop: string, id: string): Promise<string | null> {
  const { snapshot_draft } = await tx.one(
    z.object({ snapshot_draft: z.string().nullable() }),
    sql`select snapshot_draft from cycle where loop = ${loop} and id = ${id}`,
  );
  return snapshot_draft;
}

/** Puts an id aside for the snapshot that an attempt begins to make; each attempt has one of its own. */
export async function putSnapshotAside(tx: Transaction, loop: string, id: string, snapshotId: string): Promise<void> {
  await tx.run(sql`update cycle set snapshot_draft = ${snapshotId} where loop = ${loop} and id = ${id}`);
}

/** Moves an open cycle to a stage. Throws as `holdOpenCycle` does when it is over. */
export async function enterStage(tx: Transaction, loop: string, id: string, stage: CycleStage): Promise<void> {
  await holdOpenCycle(tx, loop, id);
  await tx.run(sql`update cycle set stage = ${stage} where loop = ${loop} and id = ${id}`);
  await announce(tx, loop, "cycle.stage", id);
}

/**
 * Ends a cycle once; the first end stays. The slot is released, unless it went on to the experiment. A training run for which
 * nothing was ever sent ends with it, whoever ordered it a moment ago.
 */
export async function endCycle(
  tx: Transaction,
  loop: string,
  id: string,
  outcome: CycleOutcome,
  asked: Asked,
  at: Date,
): Promise<Cycle> {
  await holdLoop(tx, loop);
  const changed = await tx.run(sql`
    update cycle set outcome = ${outcome}, outcome_reason = ${asked.reason}, ended_at = ${at}, stage = 'done'
    where loop = ${loop} and id = ${id} and ended_at is null`);
  if (changed > 0) {
    const unsent = { status: "cancelled", word: null, reason: CYCLE_ENDED, at } as const;
    for (const run of await runsOfCycle(tx, id)) await endUnsent(tx, loop, run.id, unsent);
    await releaseSlot(tx, loop, { cycleId: id }, at);
    await recordAudit(tx, { loop, at, ...asked, action: `cycle.${outcome}`, subject: `cycle/${id}` });
    await announce(tx, loop, "cycle.ended", id);
  }
  return loadCycle(tx, loop, id);
}
