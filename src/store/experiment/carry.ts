// Carries what units contribute into the sums of their variants: what they contributed before goes, what they do now comes.
import type { Transaction } from "../../db/database.ts";
import { prepared, type Sql, sql } from "../../db/sql.ts";

/** A unit's total of one metric, taken off (`sign` -1) or put on (1) the side where it counts. */
export interface Move {
  experiment_id: string;
  phase: string;
  metric: string;
  variant: string;
  stratum: number;
  /** Exact, so a text: PostgreSQL's numbers are larger than ours. */
  y_micros: string;
  k: number;
  sign: 1 | -1;
}

/** The sums that rows of units come to, for each side of each metric. `moves` are as `Move`; of an empty unit nobody is counted. */
export const sumsOf = (moves: Sql): Sql => sql`
  select experiment_id, phase, metric, variant, stratum, sum(sign * (k > 0)::int)::bigint as users, sum(sign * y) as sum_y,
    sum(sign * k) as sum_k, sum(sign * y * y) as sum_yy, sum(sign * y * k) as sum_yk, sum(sign * k * k) as sum_kk
  from (select moves.*, y_micros * 0.000001 as y from ${moves} as moves) as moves
  group by experiment_id, phase, metric, variant, stratum`;

/**
 * The statement that carries the rows of `moves`. It locks the sums that change, in key order, and leaves the others alone.
 * Once in a transaction, after all units: then no two transactions can wait for each other.
 */
export const carrying = (loop: string, moves: Sql): Sql => sql`
  insert into variant_tally as held (loop, experiment_id, phase, metric, variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk)
  select ${loop}::text, difference.* from (${sumsOf(moves)}) as difference
  where (users, sum_y, sum_k, sum_yy, sum_yk, sum_kk) <> (0, 0, 0, 0, 0, 0)
  order by experiment_id, phase, metric, variant, stratum
  on conflict (experiment_id, phase, metric, variant, stratum) do update set
    users = held.users + excluded.users, sum_y = held.sum_y + excluded.sum_y, sum_k = held.sum_k + excluded.sum_k,
    sum_yy = held.sum_yy + excluded.sum_yy, sum_yk = held.sum_yk + excluded.sum_yk, sum_kk = held.sum_kk + excluded.sum_kk`;

/** Moves that wait to be carried, as rows. */
export const waiting = (moves: readonly Move[]): Sql => sql`
  jsonb_to_recordset(${JSON.stringify(moves)}::jsonb) as waiting (experiment_id uuid, phase text, metric text, variant text,
    stratum smallint, y_micros numeric, k bigint, sign integer)`;

/** Carries these moves. */
export async function carry(tx: Transaction, loop: string, moves: readonly Move[]): Promise<void> {
  if (moves.length > 0) await tx.run(prepared(carrying(loop, sql`(select * from ${waiting(moves)})`)));
}
