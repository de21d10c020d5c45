// Counts an experiment afresh, from what was said and rated: after something went wrong, and to prove that nothing did.
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { carrying } from "./carry.ts";
import { countedAfresh } from "./counted-afresh.ts";

/**
 * Replaces an experiment's tallies, of its probation too, by those that the raw rows give. Nobody's tallies move meanwhile,
 * and what others are just recording is counted by them, afterwards: it may be run at any time. Before it, its transaction may have
 * read, and written nothing.
 */
export async function rebuildTallies(tx: Transaction, loop: string, experimentId: string): Promise<void> {
  await tx.run(sql`lock table unit_tally in exclusive mode`); // whoever counts holds a row of it until it has committed
  await tx.run(sql`delete from variant_tally where loop = ${loop} and experiment_id = ${experimentId}`);
  await tx.run(sql`delete from unit_tally where loop = ${loop} and experiment_id = ${experimentId}`);
  await tx.run(sql`
    insert into unit_tally (loop, experiment_id, phase, metric, unit, variant, stratum, y_micros, k)
    select ${loop}::text, counted.* from (${countedAfresh(loop, experimentId)}) as counted`);
  await tx.run(
    carrying(
      loop,
      sql`(
        select experiment_id, phase, metric, variant, stratum, y_micros, k, 1 as sign from unit_tally
        where loop = ${loop} and experiment_id = ${experimentId})`,
    ),
  );
}
