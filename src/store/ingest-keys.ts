// What clients call a thing → our id. Taking a key locks it: everything about one interaction goes in single file.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { prepared, sql } from "../db/sql.ts";
import { isId, newId } from "../domain/id.ts";

const row = z.object({ client_id: z.string(), id: z.string() });

/**
 * Our ids for what clients call an interaction, made now where there are none, and locked until the transaction ends.
 * An interaction that a client named answers to our id as well: both names lead to its one key. `ours` are new names of
 * our own making, whose interactions have that id. Keys are taken in order, so that two batches with the same
 * interactions cannot wait for each other: take all that a transaction needs at once.
 */
export async function takeInteractionKeys(
  tx: Transaction,
  loop: string,
  names: readonly string[],
  ours: ReadonlySet<string> = new Set(),
): Promise<Map<string, string>> {
  const keys = await keysOf(
    tx,
    loop,
    names.filter((name) => !ours.has(name)),
  );
  const keyOf = (name: string) => keys.get(name.toLowerCase()) ?? name;
  const wanted = [...new Set(names.map(keyOf))].sort();
  const ids = wanted.map((name) => (ours.has(name) ? name : newId()));
  const rows = await tx.rows(
    row,
    prepared(sql`
    insert into ingest_key (loop, kind, client_id, id)
    select ${loop}, 'interaction', client_id, id
    from unnest(${wanted}::text[], ${ids}::uuid[]) with ordinality as wanted (client_id, id, place)
    order by place
    on conflict (loop, kind, client_id) do update set client_id = excluded.client_id
    returning client_id, id`),
  );
  const taken = new Map(rows.map((key) => [key.client_id, key.id]));
  return new Map(names.map((name) => [name, taken.get(keyOf(name))!]));
}

/** For names that are ids of ours: the name under which that interaction has its key. */
async function keysOf(tx: Transaction, loop: string, names: readonly string[]): Promise<Map<string, string>> {
  const candidates = names.filter(isId);
  if (candidates.length === 0) return new Map();
  const rows = await tx.rows(
    row,
    prepared(
      sql`select client_id, id from ingest_key where loop = ${loop} and kind = 'interaction' and id = any(${candidates}::uuid[])`,
    ),
  );
  return new Map(rows.map((key) => [key.id, key.client_id]));
}

/** Claims deliveries of feedback events. Returns the feedback that each event has: another's when it was delivered before. */
export async function claimFeedbackEvents(
  tx: Transaction,
  loop: string,
  events: readonly { eventId: string; feedbackId: string }[],
): Promise<Map<string, string>> {
  const claims = new Map<string, string>();
  for (const { eventId, feedbackId } of events) if (!claims.has(eventId)) claims.set(eventId, feedbackId);
  const names = [...claims.keys()].sort();
  await tx.run(sql`
    insert into ingest_key (loop, kind, client_id, id)
    select ${loop}, 'feedback', client_id, id
    from unnest(${names}::text[], ${names.map((name) => claims.get(name))}::uuid[]) with ordinality as wanted (client_id, id, place)
    order by place
    on conflict (loop, kind, client_id) do nothing`);
  const rows = await tx.rows(
    row,
    sql`select client_id, id from ingest_key where loop = ${loop} and kind = 'feedback' and client_id = any(${names}::text[])`,
  );
  return new Map(rows.map((key) => [key.client_id, key.id]));
}
