// How much of one snapshot is in another, by lineage.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

const overlap = z.object({ in_both: z.number(), from_only: z.number(), to_only: z.number() });
export type Overlap = z.output<typeof overlap>;

/**
 * How many interactions teach in both snapshots of a loop, training or validation, and in one of them alone. One that
 * stands there several times counts once. Only counts leave the database, however many rows there are.
 */
export function snapshotOverlap(tx: Transaction, loop: string, from: string, to: string): Promise<Overlap> {
  return tx.one(
    overlap,
    sql`
    with example as materialized ( -- or the planner walks the index by interaction, through all the loop's snapshots
      select interaction_id, snapshot_id = ${from}::uuid as is_from, snapshot_id = ${to}::uuid as is_to
      from snapshot_example
      where loop = ${loop} and snapshot_id in (${from}::uuid, ${to}::uuid) and (file like 'training-%' or file like 'validation-%'))
    select count(*) filter (where in_from and in_to) as in_both,
           count(*) filter (where not in_to) as from_only,
           count(*) filter (where not in_from) as to_only
    from (select bool_or(is_from) as in_from, bool_or(is_to) as in_to from example group by interaction_id) as interaction`,
  );
}
