// What others should hear of. Written with the change; numbered later, when it has become visible.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { newId } from "../domain/id.ts";

/** Puts an event in the outbox, in the transaction of what it tells of. */
export async function announce(tx: Transaction, loop: string, type: string, subject: string): Promise<void> {
  await tx.run(
    sql`insert into event_outbox (id, loop, type, subject) values (${newId()}, ${loop}, ${type}, ${subject})`,
  );
}

/** Numbers events that have become visible (across loops). Returns how many. One numberer at a time. */
export async function numberEvents(tx: Transaction): Promise<number> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('ratchet.number_events'))`);
  return tx.run(sql`
    with unnumbered as materialized (
      select id from event_outbox where number is null order by id limit 1000
    ), numbered as materialized (
      select id, nextval('event_number') as number from unnumbered
    )
    update event_outbox set number = numbered.number from numbered where event_outbox.id = numbered.id`);
}

const event = z.object({
  number: z.number(),
  loop: z.string(),
  type: z.string(),
  subject: z.string(),
  version: z.number(),
  at: z.date(),
});

/** Numbered events of a loop after `number`, oldest first. */
export function eventsAfter(tx: Transaction, loop: string, number: number, limit: number) {
  return tx.rows(
    event,
    sql`select number, loop, type, subject, version, at from event_outbox
        where loop = ${loop} and number > ${number} order by number limit ${limit}`,
  );
}
