// Snapshots: what may be learned from, read in chunks; and what was chosen, written down with its lineage.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { message } from "../domain/message.ts";

const teachable = z.object({
  id: z.string(),
  at: z.date(),
  unit: z.string().nullable(),
  conversation: z.string().nullable(),
  messages: z.array(message),
  response: message.nullable(),
  action_type: z.string().nullable(),
  quality: z.number().nullable(),
  error: z.string().nullable(),
  store: z.boolean(),
  score: z.coerce.number().nullable(), // thumbs up less thumbs down, over raters; null: nobody rated it
  correction: z.string().nullable(),
  feedback_id: z.string().nullable(),
});
export type TeachableRow = z.output<typeof teachable>;

/**
 * Interactions as they stood at a watermark, by id, after `after`, with the revisions that win among those that a pulse
 * up to the watermark had seen. What comes later cannot change what this returns.
 */
export function interactionsUpTo(
  tx: Transaction,
  loop: string,
  watermark: number,
  page: { after: string; limit: number; ratedOnly: boolean },
): Promise<TeachableRow[]> {
  return tx.rows(
    teachable,
    sql`
    select interaction.id, interaction.at, interaction.unit, interaction.conversation, interaction.messages, interaction.response,
           interaction.action_type, interaction.quality, interaction.error, interaction.store, said.score, said.correction, said.feedback_id
    from interaction
    cross join lateral (
      select sum(sign((live.value #>> '{}')::numeric)) as score, (array_agg(live.id order by live.id desc))[1] as feedback_id,
             (array_agg(live.correction order by live.id desc) filter (where live.correction is not null))[1] as correction
      from (
        select distinct on (rater) id, value, correction from feedback
        where feedback.loop = ${loop} and feedback.interaction_id = interaction.id and feedback.name = 'thumb' and feedback.pulse <= ${watermark}
        order by rater, coalesce(revision, -1) desc, id desc
      ) live where jsonb_typeof(live.value) = 'number'
    ) said
    where interaction.loop = ${loop} and interaction.pulse <= ${watermark} and interaction.id > ${page.after}::uuid
      and (said.feedback_id is not null or not ${page.ratedOnly}::boolean)
    order by interaction.id limit ${page.limit}`,
  );
}

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
  file: string;
  line: number;
  interactionId: string;
  feedbackId: string | null;
}

/** Writes a snapshot down once; the same cycle again changes nothing. */
export async function addSnapshot(
  tx: Transaction,
  entry: Omit<Snapshot, "created_at"> & { at: Date },
  files: readonly SnapshotFile[],
  examples: readonly SnapshotExample[],
): Promise<void> {
  const added = await tx.run(sql`
    insert into snapshot (id, loop, cycle_id, watermark, seed, manifest, manifest_sha256, examples, created_at)
    values (${entry.id}, ${entry.loop}, ${entry.cycle_id}, ${entry.watermark}, ${entry.seed}, ${JSON.stringify(entry.manifest)},
            ${entry.manifest_sha256}, ${entry.examples}, ${entry.at})
    on conflict (cycle_id) do nothing`);
  if (added === 0) return;
  for (const file of files) {
    await tx.run(
      sql`insert into artifact (loop, sha256, bytes) values (${entry.loop}, ${file.sha256}, ${file.bytes})
          on conflict (loop, sha256) do update set deleted_at = null`,
    );
    await tx.run(sql`
      insert into snapshot_file (snapshot_id, loop, name, sha256, bytes, examples)
      values (${entry.id}, ${entry.loop}, ${file.name}, ${file.sha256}, ${file.bytes}, ${file.examples})`);
  }
  await tx.run(sql`
    insert into snapshot_example (snapshot_id, loop, file, line, interaction_id, feedback_id)
    select ${entry.id}, ${entry.loop}, file, line, interaction_id, feedback_id
    from unnest(${examples.map((example) => example.file)}::text[], ${examples.map((example) => example.line)}::integer[],
                ${examples.map((example) => example.interactionId)}::uuid[], ${examples.map((example) => example.feedbackId)}::uuid[])
      as example (file, line, interaction_id, feedback_id)`);
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
