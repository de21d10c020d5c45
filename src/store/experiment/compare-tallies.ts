// Whether an experiment's tallies are what its raw rows give. One statement sees both as they were at one instant, and whatever
// is recorded is counted in the same transaction: so nobody has to wait for the comparison, and it finds nothing that is only late.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { sumsOf } from "./carry.ts";
import { countedAfresh } from "./counted-afresh.ts";

/** The sums of `Tally`; all are zero where there is no tally. */
const sums = z.object({
  users: z.number(),
  sumY: z.number(),
  sumK: z.number(),
  sumYY: z.number(),
  sumYK: z.number(),
  sumKK: z.number(),
});

/** A tally of one side of a metric that is not what the raw rows give. Whatever stands there is told, and be it a side that there is not. */
const wrongTally = z.object({
  phase: z.string(),
  metric: z.string(),
  variant: z.string(),
  stratum: z.number(),
  kept: sums,
  counted: sums,
});

export const comparison = z.object({
  /** How many tallies of variants are kept, or should be. */
  tallies: z.number(),
  /** Those of them that are wrong, by phase, metric, variant and stratum. */
  wrong: z.array(wrongTally),
  /** How many units' own tallies are wrong: the next rating of such a unit would take a wrong number off its variant's. */
  wrongUnits: z.number(),
});
export type Comparison = z.output<typeof comparison>;

/** Compares what is kept with what the raw rows give. It reads the loop's interactions once, and changes nothing. */
export function compareTallies(tx: Transaction, loop: string, experimentId: string): Promise<Comparison> {
  const asTally = (side: "kept" | "counted") => {
    const held = side === "kept" ? sql`kept` : sql`counted`;
    return sql`jsonb_build_object('users', coalesce(${held}.users, 0), 'sumY', coalesce(${held}.sum_y, 0), 'sumK', coalesce(${held}.sum_k, 0),
      'sumYY', coalesce(${held}.sum_yy, 0), 'sumYK', coalesce(${held}.sum_yk, 0), 'sumKK', coalesce(${held}.sum_kk, 0))`;
  };
  return tx.one(
    comparison,
    sql`
    with counted_unit as materialized (${countedAfresh(loop, experimentId)}), kept_unit as (
      select phase, metric, unit, variant, stratum, y_micros, k from unit_tally
      where loop = ${loop} and experiment_id = ${experimentId} and (y_micros, k) <> (0, 0)
    ), wrong_unit as (
      select distinct phase, unit from kept_unit as kept full join counted_unit as counted using (phase, metric, unit)
      where (kept.variant, kept.stratum, kept.y_micros, kept.k) is distinct from (counted.variant, counted.stratum, counted.y_micros, counted.k)
    ), counted as (
      ${sumsOf(sql`(select counted_unit.*, 1 as sign from counted_unit)`)}
    ), kept as (
      select phase, metric, variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk from variant_tally
      where loop = ${loop} and experiment_id = ${experimentId}
        and (users, sum_y, sum_k, sum_yy, sum_yk, sum_kk) <> (0, 0, 0, 0, 0, 0) -- whose ratings were all withdrawn
    ), tally as (
      select phase, metric, variant, stratum, ${asTally("kept")} as kept, ${asTally("counted")} as counted,
        (kept.users, kept.sum_y, kept.sum_k, kept.sum_yy, kept.sum_yk, kept.sum_kk)
          is distinct from (counted.users, counted.sum_y, counted.sum_k, counted.sum_yy, counted.sum_yk, counted.sum_kk) as wrong
      from kept full join counted using (phase, metric, variant, stratum)
    )
    select (select count(*) from tally) as tallies,
      (select coalesce(jsonb_agg(jsonb_build_object('phase', phase, 'metric', metric, 'variant', variant, 'stratum', stratum, 'kept', kept,
        'counted', counted) order by phase, metric collate "C", variant, stratum), '[]') from tally where wrong) as wrong,
      (select count(*) from wrong_unit) as "wrongUnits"`,
  );
}

/** Whether nothing was found wrong. */
export function isRight({ wrong, wrongUnits }: Comparison): boolean {
  return wrong.length === 0 && wrongUnits === 0;
}
