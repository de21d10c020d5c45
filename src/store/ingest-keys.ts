// What clients call a thing → our id. Taking a key locks it: everything about one interaction goes in single file.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { isId, newId } from "../domain/id.ts";

const row = z.object({ client_id: z.string(), id: z.string() });

/**
 * Our ids for what clients call an interaction, made now where there are none, and locked until the transaction ends.
 * `ours` are names that are ids of our own making: an interaction recorded under such a name has that id.
 * Keys are taken in order, so that two batches with the same interactions cannot wait for each other.
 */
export async function takeInteractionKeys(
  tx: Transaction,
  loop: string,
  clientIds: readonly string[],
  ours: ReadonlySet<string> = new Set(),
): Promise<Map<string, string>> {
  const wanted = [...new Set(clientIds)].sort();
  const ids = wanted.map((name) => (ours.has(name) ? name : newId()));
  const rows = await tx.rows(
    row,
    sql`
    insert into ingest_key (loop, kind, client_id, id)
    select ${loop}, 'interaction', client_id, id
    from unnest(${wanted}::text[], ${ids}::uuid[]) with ordinality as wanted (client_id, id, place)
    order by place
    on conflict (loop, kind, client_id) do update set client_id = excluded.client_id
    returning client_id, id`,
  );
  return new Map(rows.map((key) => [key.client_id, key.id]));
}

/** Which of these names are ids that we gave to interactions of this loop. */
export async function ownIds(tx: Transaction, names: readonly string[]): Promise<Set<string>> {
  const candidates = names.filter(isId);
  if (candidates.length === 0) return new Set();
  const rows = await tx.rows(
    z.object({ id: z.string() }),
    sql`select id from interaction where id = any(${candidates}::uuid[])`,
  );
  return new Set(rows.map((found) => found.id));
}

/** Claims deliveries of feedback events. What is not in the answer's `fresh` has been delivered before. */
export async function claimFeedbackEvents(
  tx: Transaction,
  loop: string,
  events: readonly { eventId: string; feedbackId: string }[],
): Promise<{ fresh: Set<string>; ids: Map<string, string> }> {
  const wanted = [...events].sort((left, right) => (left.eventId < right.eventId ? -1 : 1));
  const names = wanted.map((event) => event.eventId);
  const fresh = await tx.rows(
    row,
    sql`
    insert into ingest_key (loop, kind, client_id, id)
    select ${loop}, 'feedback', client_id, id
    from unnest(${names}::text[], ${wanted.map((event) => event.feedbackId)}::uuid[]) with ordinality as wanted (client_id, id, place)
    order by place
    on conflict (loop, kind, client_id) do nothing
    returning client_id, id`,
  );
  const all = await tx.rows(
    row,
    sql`select client_id, id from ingest_key where loop = ${loop} and kind = 'feedback' and client_id = any(${names}::text[])`,
  );
  return { fresh: new Set(fresh.map((key) => key.client_id)), ids: new Map(all.map((key) => [key.client_id, key.id])) };
}
