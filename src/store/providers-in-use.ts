// Where the models that answer somebody have their homes, over all loops.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

const row = z.object({ provider: z.enum(["openai-wire", "sandbox"]), baseURL: z.string().nullable() });

/** Each address once. Needs a transaction across loops. */
export function providersInUse(tx: Transaction): Promise<z.output<typeof row>[]> {
  return tx.rows(
    row,
    sql`
    select distinct provider ->> 'provider' as provider, provider ->> 'baseURL' as "baseURL" from model
    where role in ('champion', 'challenger', 'standby') order by 1, 2`,
  );
}
