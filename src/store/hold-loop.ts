// The loop's lock: whatever decides about a loop (roles, stages, slot, money, pulses) does so in single file.
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

/**
 * Holds the loop until the transaction ends. Take it first. Recording does not wait for it: `no key update` lets rows that
 * refer to the loop come in.
 */
export async function holdLoop(tx: Transaction, loop: string): Promise<void> {
  await tx.run(sql`select 1 from loop where name = ${loop} for no key update`);
}
