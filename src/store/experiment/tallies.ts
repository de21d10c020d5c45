// The evidence, kept as it arrives: per unit the sum and number of its first ten ratings, per variant the sums over
// units that the estimate needs. A look reads a handful of rows, however many interactions there were.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { prepared, sql } from "../../db/sql.ts";
import { RATINGS_PER_UNIT } from "../../domain/experiment.ts";

export interface CountedUnit {
  experimentId: string;
  phase: "experiment" | "probation";
  unit: string;
  variant: string;
  stratum: number;
}

/** Recomputes these units from their ratings and carries the differences into the sums of their variants. */
export async function tallyUnits(tx: Transaction, loop: string, units: readonly CountedUnit[]): Promise<void> {
  if (units.length === 0) return;
  const ordered = [...units].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  const given = sql`unnest(${ordered.map((unit) => unit.experimentId)}::uuid[], ${ordered.map((unit) => unit.phase)}::text[],
    ${ordered.map((unit) => unit.unit)}::text[], ${ordered.map((unit) => unit.variant)}::text[], ${ordered.map((unit) => unit.stratum)}::smallint[])
    with ordinality as given (experiment_id, phase, unit, variant, stratum, place)`;
  // Locks them, in order.
  await tx.run(
    prepared(sql`
    insert into unit_tally (loop, experiment_id, phase, metric, unit, variant, stratum)
    select ${loop}, experiment_id, phase, 'approval', unit, variant, stratum from ${given} order by place
    on conflict (experiment_id, phase, metric, unit) do update set metric = excluded.metric`),
  );
  await tx.run(
    prepared(sql`
    with old as (
      select tally.* from unit_tally tally join ${given} using (experiment_id, phase, unit) where tally.metric = 'approval'
    ), ranked as (
      select old.experiment_id, old.phase, old.unit, (rating.value #>> '{}')::numeric > 0 as approved,
             row_number() over (partition by old.experiment_id, old.phase, old.unit order by rating.interaction_id, rating.rater collate "C") as place
      from old
      join interaction on interaction.loop = ${loop} and interaction.unit = old.unit and interaction.experiment_id = old.experiment_id
        and interaction.phase = old.phase and interaction.variant = old.variant
      join rating on rating.loop = ${loop} and rating.interaction_id = interaction.id
      where rating.name = 'thumb' and jsonb_typeof(rating.value) = 'number' and rating.value <> '0'
    ), fresh as (
      select old.experiment_id, old.phase, old.unit, count(*) filter (where approved) * 1000000 as y_micros, count(ranked.place) as k
      from old left join ranked on (ranked.experiment_id, ranked.phase, ranked.unit) = (old.experiment_id, old.phase, old.unit) and ranked.place <= ${RATINGS_PER_UNIT}
      group by old.experiment_id, old.phase, old.unit
    ), moved as (
      update unit_tally tally set y_micros = fresh.y_micros, k = fresh.k from fresh
      where (tally.experiment_id, tally.phase, tally.unit) = (fresh.experiment_id, fresh.phase, fresh.unit) and tally.metric = 'approval'
    ), difference as (
      select old.experiment_id, old.phase, old.variant, old.stratum,
             (fresh.k > 0)::int - (old.k > 0)::int as users,
             (fresh.y_micros - old.y_micros) / 1e6::numeric as sum_y,
             fresh.k - old.k as sum_k,
             (fresh.y_micros::numeric ^ 2 - old.y_micros::numeric ^ 2) / 1e12 as sum_yy,
             (fresh.y_micros * fresh.k - old.y_micros * old.k) / 1e6::numeric as sum_yk,
             fresh.k ^ 2 - old.k ^ 2 as sum_kk
      from old join fresh using (experiment_id, phase, unit)
    )
    insert into variant_tally (loop, experiment_id, phase, metric, variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk)
    select ${loop}, experiment_id, phase, 'approval', variant, stratum, sum(users), sum(sum_y), sum(sum_k), sum(sum_yy), sum(sum_yk), sum(sum_kk)
    from difference group by experiment_id, phase, variant, stratum order by experiment_id, phase, variant, stratum
    on conflict (experiment_id, phase, metric, variant, stratum) do update set
      users = variant_tally.users + excluded.users, sum_y = variant_tally.sum_y + excluded.sum_y, sum_k = variant_tally.sum_k + excluded.sum_k,
      sum_yy = variant_tally.sum_yy + excluded.sum_yy, sum_yk = variant_tally.sum_yk + excluded.sum_yk, sum_kk = variant_tally.sum_kk + excluded.sum_kk`),
  );
}

const keyOf = (unit: CountedUnit) => `${unit.experimentId} ${unit.phase} ${unit.unit}`;

const row = z.object({
  variant: z.enum(["champion", "challenger", "standby"]),
  stratum: z.number(),
  users: z.number(),
  sum_y: z.coerce.number(),
  sum_k: z.coerce.number(),
  sum_yy: z.coerce.number(),
  sum_yk: z.coerce.number(),
  sum_kk: z.coerce.number(),
});

/** The sums over units of one phase of an experiment, by variant and stratum. */
export interface VariantTally {
  variant: "champion" | "challenger" | "standby";
  stratum: number;
  users: number;
  sumY: number;
  sumK: number;
  sumYY: number;
  sumYK: number;
  sumKK: number;
}

export async function readTallies(
  tx: Transaction,
  experimentId: string,
  phase: "experiment" | "probation",
): Promise<VariantTally[]> {
  const rows = await tx.rows(
    row,
    sql`
    select variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk from variant_tally
    where experiment_id = ${experimentId} and phase = ${phase} and metric = 'approval' order by stratum, variant`,
  );
  return rows.map(({ sum_y, sum_k, sum_yy, sum_yk, sum_kk, ...same }) => ({
    ...same,
    sumY: sum_y,
    sumK: sum_k,
    sumYY: sum_yy,
    sumYK: sum_yk,
    sumKK: sum_kk,
  }));
}
