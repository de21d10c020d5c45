// Who changed what, when and why: a hash chain per loop, written in the transaction of the change itself.
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { cleanText } from "../domain/clean-text.ts";
import { withoutNul } from "./clean.ts";

/** The chain of what belongs to no loop: keys for every loop, for instance. */
export const EVERY_LOOP = "*";

export interface AuditEntry {
  loop: string;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  reason: string;
  payload?: unknown;
}

const head = z.object({ sequence: z.number(), hash: z.instanceof(Buffer) });
const GENESIS = Buffer.alloc(32);

/** Appends to the loop's chain. The head's row lock makes the order. */
export async function recordAudit(tx: Transaction, given: AuditEntry): Promise<void> {
  const entry: AuditEntry = { ...given, ...cleanWords(given) }; // what is hashed is what PostgreSQL will give back
  await tx.run(
    sql`insert into audit_head (loop, sequence, hash) values (${entry.loop}, 0, ${GENESIS}) on conflict do nothing`,
  );
  const previous = await tx.one(head, sql`select sequence, hash from audit_head where loop = ${entry.loop} for update`);
  const sequence = previous.sequence + 1;
  const salt = randomBytes(16);
  const payload: unknown = JSON.parse(withoutNul(entry.payload ?? {}));
  const digest = digestOf(salt, payload);
  const hash = hashOf({ ...entry, sequence, digest, previousHash: previous.hash });
  await tx.run(sql`
    insert into audit (loop, sequence, at, actor, action, subject, reason, payload, salt, digest, previous_hash, hash)
    values (${entry.loop}, ${sequence}, ${entry.at}, ${entry.actor}, ${entry.action}, ${entry.subject}, ${entry.reason},
            ${JSON.stringify(payload)}, ${salt}, ${digest}, ${previous.hash}, ${hash})`);
  await tx.run(sql`update audit_head set sequence = ${sequence}, hash = ${hash} where loop = ${entry.loop}`);
}

function cleanWords({ actor, action, subject, reason }: AuditEntry) {
  return { actor: cleanText(actor), action: cleanText(action), subject: cleanText(subject), reason: cleanText(reason) };
}

const row = z.object({
  loop: z.string(),
  sequence: z.number(),
  at: z.date(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  reason: z.string(),
  payload: z.unknown(),
  salt: z.instanceof(Buffer).nullable(),
  digest: z.instanceof(Buffer),
  previous_hash: z.instanceof(Buffer),
  hash: z.instanceof(Buffer),
});

/** The newest entries first, below `before` when given. */
export async function listAudit(tx: Transaction, loop: string, page: { before: number | null; limit: number }) {
  const rows = await tx.rows(
    row,
    sql`select * from audit where loop = ${loop} and sequence < coalesce(${page.before}::bigint, 9223372036854775807)
        order by sequence desc limit ${page.limit}`,
  );
  return rows.map(({ salt: _salt, digest: _digest, previous_hash: _previous, hash, ...entry }) => ({
    ...entry,
    hash: hash.toString("hex"),
  }));
}

/** The last entry about something, or null. */
export function lastAuditOf(tx: Transaction, loop: string, subject: string) {
  return tx.maybe(
    z.object({ actor: z.string(), action: z.string(), at: z.date() }),
    sql`select actor, action, at from audit where loop = ${loop} and subject = ${subject} order by sequence desc limit 1`,
  );
}

/** Whether an action on something is on record for this run of its workflow: what is noted once a run is not noted again. */
export async function isAudited(
  tx: Transaction,
  { loop, action, subject, run }: { loop: string; action: string; subject: string; run: string },
): Promise<boolean> {
  const found = await tx.rows(
    z.unknown(),
    sql`select 1 from audit where loop = ${loop} and subject = ${subject} and action = ${action} and payload->>'run' = ${run} limit 1`,
  );
  return found.length > 0;
}

/** Recomputes a loop's chain: how many entries, and the first that does not fit, if any. It does not hold up who adds to it. */
export async function verifyAudit(
  tx: Transaction,
  loop: string,
): Promise<{ entries: number; broken: { sequence: number; why: string } | null }> {
  const end = await tx.maybe(head, sql`select sequence, hash from audit_head where loop = ${loop}`);
  let previousHash: Buffer = GENESIS;
  let sequence = 0;
  for (;;) {
    const chunk = await tx.rows(
      row,
      sql`select * from audit where loop = ${loop} and sequence > ${sequence} and sequence <= coalesce(${end?.sequence ?? null}::bigint, 9223372036854775807)
          order by sequence limit 1000`,
    );
    for (const entry of chunk) {
      const why = faultOf(entry, sequence + 1, previousHash);
      if (why !== null) return { entries: sequence, broken: { sequence: sequence + 1, why } };
      previousHash = entry.hash;
      sequence = entry.sequence;
    }
    if (chunk.length === 0) break;
  }
  if (end === null ? sequence > 0 : end.sequence !== sequence || !end.hash.equals(previousHash))
    return { entries: sequence, broken: { sequence: sequence + 1, why: "the newest entries are missing" } };
  return { entries: sequence, broken: null };
}

function faultOf(entry: z.output<typeof row>, expected: number, previousHash: Buffer): string | null {
  if (entry.sequence !== expected) return `entry ${expected} is missing`;
  if (!entry.previous_hash.equals(previousHash)) return "it does not follow the entry before it";
  const erased = entry.salt === null && entry.payload === null;
  if (!erased && (entry.salt === null || !digestOf(entry.salt, entry.payload).equals(entry.digest)))
    return "its payload was changed";
  const hash = hashOf({ ...entry, previousHash: entry.previous_hash });
  return hash.equals(entry.hash) ? null : "it was changed";
}

function digestOf(salt: Buffer, payload: unknown): Buffer {
  return createHash("sha256").update(salt).update(canonicalJson(payload)).digest();
}

function hashOf(entry: AuditEntry & { sequence: number; digest: Buffer; previousHash: Buffer }): Buffer {
  const { loop, sequence, at, actor, action, subject, reason, digest, previousHash } = entry;
  return createHash("sha256")
    .update(previousHash)
    .update(canonicalJson([loop, sequence, at.toISOString(), actor, action, subject, reason, digest.toString("hex")]))
    .digest();
}
