// Which loop something belongs to, when all that is known is its id.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { type Sql, sql } from "../db/sql.ts";

const TABLES = { cycle: sql`cycle`, experiment: sql`experiment`, snapshot: sql`snapshot` } satisfies Record<
  string,
  Sql
>;

/** The loop's name, or null when there is no such thing. Needs a transaction across loops. */
export async function loopOfItem(tx: Transaction, kind: keyof typeof TABLES, id: string): Promise<string | null> {
  const found = await tx.maybe(
    z.object({ loop: z.string() }),
    sql`select loop from ${TABLES[kind]} where id::text = ${id}`,
  );
  return found?.loop ?? null;
}
