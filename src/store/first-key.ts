// The first key: for all loops, with every scope. Whoever has the database may make it, and nobody else can.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import type { Asked } from "../domain/experiment.ts";
import { EVERY_LOOP, recordAudit } from "./audit.ts";
import { addKey, type Scope } from "./keys.ts";

const EVERY_SCOPE: readonly Scope[] = ["admin", "serve", "feedback", "read", "operate"];

/** Adds a key that opens everything, with its place in the audit chain. Across loops. */
export async function addFirstKey(
  tx: Transaction,
  { id, secretHash }: { id: string; secretHash: Buffer },
  asked: Asked,
  at: Date,
): Promise<void> {
  const key = { id, loop: null, name: "first key", scopes: [...EVERY_SCOPE] };
  await addKey(tx, { ...key, secretHash, createdBy: asked.actor, expiresAt: null, at });
  await recordAudit(tx, { loop: EVERY_LOOP, at, ...asked, action: "key.create", subject: `key/${id}`, payload: key });
}

/**
 * How many keys can make other keys for all loops, at `at`. Holds off whoever asks the same until the transaction ends, so
 * that of two who find none only one makes the first. Across loops.
 */
export async function keysThatMakeKeys(tx: Transaction, at: Date): Promise<number> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('ratchet first key'))`);
  const { count } = await tx.one(
    z.object({ count: z.number() }),
    sql`select count(*) as count from api_key
        where loop is null and 'admin' = any(scopes) and revoked_at is null and (expires_at is null or expires_at > ${at})`,
  );
  return count;
}
