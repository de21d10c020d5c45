// What others should hear of. Written with the change; numbered later, when it has become visible.
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { newId } from "../domain/id.ts";

/** Puts an event in the outbox, in the transaction of what it tells of. */
export async function announce(tx: Transaction, loop: string, type: string, subject: string): Promise<void> {
  await tx.run(
    sql`insert into event_outbox (id, loop, type, subject) values (${newId()}, ${loop}, ${type}, ${subject})`,
  );
}
