// API keys: found by their id, compared by their hash, bound to one loop or to all.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

export const scope = z.enum(["serve", "feedback", "read", "operate", "admin"]);
export type Scope = z.output<typeof scope>;

const row = z.object({
  id: z.string(),
  loop: z.string().nullable(),
  name: z.string(),
  scopes: z.array(scope),
  created_at: z.date(),
  expires_at: z.date().nullable(),
  revoked_at: z.date().nullable(),
  last_used_at: z.date().nullable(),
});
export type ApiKey = z.output<typeof row>;

const columns = sql`id, loop, name, scopes, created_at, expires_at, revoked_at, last_used_at`;

/** A key with its hash, whatever its state. Across loops. */
export function findKey(tx: Transaction, id: string) {
  return tx.maybe(
    row.extend({ secret_hash: z.instanceof(Buffer) }),
    sql`select ${columns}, secret_hash from api_key where id = ${id}`,
  );
}

export async function addKey(
  tx: Transaction,
  key: {
    id: string;
    loop: string | null;
    name: string;
    scopes: readonly Scope[];
    secretHash: Buffer;
    createdBy: string;
    expiresAt: Date | null;
    at: Date;
  },
): Promise<void> {
  await tx.run(sql`
    insert into api_key (id, loop, name, scopes, secret_hash, created_at, created_by, expires_at)
    values (${key.id}, ${key.loop}, ${key.name}, ${key.scopes}, ${key.secretHash}, ${key.at}, ${key.createdBy}, ${key.expiresAt})`);
}

/** Keys of a loop, or all of them when `loop` is null. Across loops. */
export function listKeys(tx: Transaction, loop: string | null): Promise<ApiKey[]> {
  return tx.rows(
    row,
    sql`select ${columns} from api_key where ${loop}::text is null or loop = ${loop} order by created_at desc`,
  );
}

/** Revokes a key; false when there is none such or it is revoked already. */
export async function revokeKey(tx: Transaction, id: string, loop: string | null, at: Date): Promise<boolean> {
  return (
    (await tx.run(
      sql`update api_key set revoked_at = ${at} where id = ${id} and revoked_at is null and (${loop}::text is null or loop = ${loop})`,
    )) > 0
  );
}

/** Notes that keys were used; at most once a minute each. */
export async function touchKey(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.run(
    sql`update api_key set last_used_at = ${at} where id = ${id} and (last_used_at is null or last_used_at < ${at}::timestamptz - interval '1 minute')`,
  );
}
