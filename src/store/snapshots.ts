// Snapshots: what was chosen, written down once with its files and its lineage.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { recordArtifact } from "./artifacts.ts";

const snapshot = z.object({
  id: z.string(),
  loop: z.string(),
  cycle_id: z.string(),
  watermark: z.number(),
  seed: z.string(),
  manifest: z.unknown(),
  manifest_sha256: z.string(),
  examples: z.number(),
  created_at: z.date(),
});
export type Snapshot = z.output<typeof snapshot>;

export interface SnapshotFile {
  name: string;
  sha256: string;
  bytes: number;
  examples: number;
}
export interface SnapshotExample {
  readonly file: string;
  readonly line: number;
  readonly interactionId: string;
  readonly feedbackId: string | null;
}

/**
 * Writes down where lines come from, before the snapshot itself is there: its row comes last. The same lines again change
 * nothing.
 */
export async function traceExamples(
  tx: Transaction,
  loop: string,
  snapshotId: string,
  examples: readonly SnapshotExample[],
): Promise<void> {
  await tx.run(sql`
    insert into snapshot_example (snapshot_id, loop, file, line, interaction_id, feedback_id)
    select ${snapshotId}, ${loop}, file, line, interaction_id, feedback_id
    from unnest(${examples.map((example) => example.file)}::text[], ${examples.map((example) => example.line)}::integer[],
                ${examples.map((example) => example.interactionId)}::uuid[], ${examples.map((example) => example.feedbackId)}::uuid[])
      as example (file, line, interaction_id, feedback_id)
    on conflict (snapshot_id, file, line, interaction_id) do nothing`);
}

/** Writes down that files will be kept, before they are: so that whoever sweeps the store knows of each. */
export async function announceFiles(
  tx: Transaction,
  loop: string,
  files: readonly Omit<SnapshotFile, "examples">[],
): Promise<void> {
  for (const file of files) await recordArtifact(tx, loop, file);
}

/** Takes back the lineage of a snapshot that is not there; that of one that is stays. */
export async function forgetUnfinished(tx: Transaction, snapshotId: string): Promise<void> {
  await tx.run(sql`select forget_unfinished(${snapshotId}::uuid)`);
}

/**
 * Writes a snapshot down once; the same cycle again changes nothing. Throws when the lineage of its `traced` lines is not
 * all there: somebody else took it back meanwhile, and making it again will do.
 */
export async function addSnapshot(
  tx: Transaction,
  entry: Omit<Snapshot, "created_at"> & { at: Date },
  files: readonly SnapshotFile[],
  traced: number,
): Promise<void> {
  const added = await tx.run(sql`
    insert into snapshot (id, loop, cycle_id, watermark, seed, manifest, manifest_sha256, examples, created_at)
    values (${entry.id}, ${entry.loop}, ${entry.cycle_id}, ${entry.watermark}, ${entry.seed}, ${JSON.stringify(entry.manifest)},
            ${entry.manifest_sha256}, ${entry.examples}, ${entry.at})
    on conflict (cycle_id) do nothing`);
  if (added === 0) return;
  for (const file of files) {
    await recordArtifact(tx, entry.loop, file);
    await tx.run(sql`
      insert into snapshot_file (snapshot_id, loop, name, sha256, bytes, examples)
      values (${entry.id}, ${entry.loop}, ${file.name}, ${file.sha256}, ${file.bytes}, ${file.examples})`);
  }
  const { lines } = await tx.one(
    z.object({ lines: z.number() }),
    sql`select count(*) as lines from snapshot_example where snapshot_id = ${entry.id}`,
  );
  if (lines !== traced) throw new Error(`snapshot ${entry.id} has the lineage of ${lines} of its ${traced} lines`);
}

/** How many snapshots the loop has of an instant's day (UTC). */
export async function snapshotsOfDay(tx: Transaction, loop: string, at: Date): Promise<number> {
  const day = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  const { count } = await tx.one(
    z.object({ count: z.number() }),
    sql`select count(*) as count from snapshot
        where loop = ${loop} and created_at >= ${day} and created_at < ${new Date(day.getTime() + 86_400_000)}`,
  );
  return count;
}

export function snapshotOfCycle(tx: Transaction, cycleId: string): Promise<Snapshot | null> {
  return tx.maybe(snapshot, sql`select * from snapshot where cycle_id = ${cycleId}`);
}

export function loadSnapshot(tx: Transaction, loop: string, id: string): Promise<Snapshot | null> {
  return tx.maybe(snapshot, sql`select * from snapshot where loop = ${loop} and id::text = ${id}`);
}

/** The newest first, below `before` when given. */
export function listSnapshots(
  tx: Transaction,
  loop: string,
  page: { before: string | null; limit: number },
): Promise<Snapshot[]> {
  return tx.rows(
    snapshot,
    sql`
    select * from snapshot where loop = ${loop} and id < coalesce(${page.before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    order by id desc limit ${page.limit}`,
  );
}

export function snapshotFiles(tx: Transaction, snapshotId: string): Promise<SnapshotFile[]> {
  return tx.rows(
    z.object({ name: z.string(), sha256: z.string(), bytes: z.number(), examples: z.number() }),
    sql`select name, sha256, bytes, examples from snapshot_file where snapshot_id = ${snapshotId} order by name`,
  );
}

/** Files of snapshots from before an instant that are still plain and that no model looks its examples up in, the oldest first. */
export function plainFiles(
  tx: Transaction,
  loop: string,
  page: { before: Date; limit: number },
): Promise<{ sha256: string; bytes: number }[]> {
  return tx.rows(
    z.object({ sha256: z.string(), bytes: z.number() }),
    sql`
    select file.sha256, file.bytes from snapshot_file file join snapshot on snapshot.id = file.snapshot_id
    where file.loop = ${loop} and file.gzipped_at is null and snapshot.created_at < ${page.before}
      and not exists (
        select from model where model.loop = ${loop} and model.examples ->> 'sha256' = file.sha256
          and model.role in ('candidate', 'challenger', 'champion', 'standby')
      )
    group by file.sha256, file.bytes order by min(snapshot.created_at), file.sha256 limit ${page.limit}`,
  );
}

/** Remembers that a file is kept gzipped, in whichever snapshots it stands. */
export async function fileGzipped(tx: Transaction, loop: string, sha256: string, at: Date): Promise<void> {
  await tx.run(sql`update snapshot_file set gzipped_at = ${at} where loop = ${loop} and sha256 = ${sha256}`);
}
