// Keeps the tallies as interactions and ratings arrive. What counts every interaction is added to; what counts a unit's first
// ten ratings is worked out again, since a late, changed or withdrawn rating may change which ten they are.
// Invariants: a unit's row for `rated` is made with its first interaction, is locked before any other row of the unit, and
// says on which side all of them count. Whoever met both sides counts as `crossed`, and on neither.
// Order of locks: units by experiment, phase and unit; then, in the last statement, the sums of the variants in key order.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { prepared, sql } from "../../db/sql.ts";
import { RATINGS_PER_UNIT } from "../../domain/experiment.ts";
import { carry, carrying, type Move, waiting } from "./carry.ts";
import { feedbackIsMetric, interactionOutcomes, ratingOutcomes } from "./metric-outcomes.ts";

/** A metric that a rating was or is counted in; of `rated`, how many thumbs came (1) or went (-1). */
export interface RatingChange {
  interactionId: string;
  metric: string;
  thumbs: -1 | 0 | 1;
}

/** The side of units that met both variants, or are in two strata: they are left out of every comparison. */
export const CROSSED = "crossed";

/**
 * Counts new interactions, and ratings that changed, in the experiments that they belong to. Once in a transaction, at its
 * end: it holds the sums of the variants, which others wait for. The changed ratings must be held.
 */
export async function tallyChanges(
  tx: Transaction,
  loop: string,
  { interactions, ratings }: { interactions: readonly string[]; ratings: readonly RatingChange[] },
): Promise<void> {
  const alone = ratings.length === 0;
  const moves = interactions.length === 0 ? [] : await countInteractions(tx, loop, interactions, alone);
  if (alone || !(await holdUnits(tx, ratings))) await carry(tx, loop, moves);
  else await countRatedAgain(tx, loop, ratings, moves);
}

const side = { experiment_id: z.string(), phase: z.string(), unit: z.string(), metric: z.string() };
const counted = z.object({
  ...side,
  variant: z.string(),
  stratum: z.number(),
  y_before: z.string(),
  y_micros: z.string(),
  k_before: z.number(),
  k: z.number(),
  astray: z.boolean(),
});

/**
 * Adds interactions to their units. When nothing else is to be carried (`alone`) and every unit is where it was, the same
 * statement carries it, and nothing is left to do: what every answer in an experiment costs.
 */
async function countInteractions(
  tx: Transaction,
  loop: string,
  ids: readonly string[],
  alone: boolean,
): Promise<Move[]> {
  const rows = await tx.rows(
    counted,
    prepared(sql`
    with outcome as (
      select interaction.experiment_id, interaction.phase, interaction.unit, interaction.variant, interaction.stratum, outcome.metric, outcome.y
      from interaction join experiment on experiment.id = interaction.experiment_id ${interactionOutcomes}
      where interaction.id = any(${ids}::uuid[]) and interaction.unit is not null and outcome.y is not null
    ), person as (
      select experiment_id, phase, unit, ${sideOfUnit} from outcome group by experiment_id, phase, unit
    ), added as (
      select experiment_id, phase, unit, metric, person.variant, person.stratum, sum(round(y * 1000000)) as y_micros, count(*) as k
      from outcome join person using (experiment_id, phase, unit)
      group by experiment_id, phase, unit, metric, person.variant, person.stratum
    ), kept as (
      insert into unit_tally as held (loop, experiment_id, phase, metric, unit, variant, stratum, y_micros, k)
      select ${loop}, experiment_id, phase, metric, unit, variant, stratum, y_micros, k from added
      order by experiment_id, phase, unit, metric <> 'rated', metric
      on conflict (experiment_id, phase, metric, unit) do update set y_micros = held.y_micros + excluded.y_micros, k = held.k + excluded.k
      returning experiment_id, phase, metric, unit, variant, stratum, y_micros, k
    ), moved as (
      select experiment_id, phase, unit, metric, kept.variant, kept.stratum, kept.y_micros - added.y_micros as y_before, kept.y_micros,
        kept.k - added.k as k_before, kept.k, (kept.variant, kept.stratum) <> (added.variant, added.stratum) as astray
      from kept join added using (experiment_id, phase, unit, metric)
    ), carried as (
      select ${alone}::boolean and not bool_or(astray) as at_once from moved
    ), sums as (${carrying(
      loop,
      sql`(
        select experiment_id, phase, metric, variant, stratum, y_before as y_micros, k_before as k, -1 as sign from moved, carried where at_once
        union all select experiment_id, phase, metric, variant, stratum, y_micros, k, 1 from moved, carried where at_once)`,
    )})
    select moved.* from moved, carried where not at_once`),
  );
  const moves = rows.flatMap((row) => [
    { ...sideOf(row), y_micros: row.y_before, k: row.k_before, sign: -1 as const },
    { ...sideOf(row), y_micros: row.y_micros, k: row.k, sign: 1 as const },
  ]);
  const astray = rows.filter((row) => row.astray);
  return astray.length === 0 ? moves : [...moves, ...(await leaveOut(tx, astray))];
}

/** Where a unit counts by the interactions of a group: on its one side, or nowhere. */
export const sideOfUnit = sql`
  case when count(distinct (variant, stratum)) = 1 then min(variant) else 'crossed' end as variant,
  case when count(distinct (variant, stratum)) = 1 then min(stratum) else 0 end::smallint as stratum`;

const held = z.object({ ...side, variant: z.string(), stratum: z.number(), y_micros: z.string(), k: z.number() });

/** Takes everything of these units, which are held, to the side of those who do not count. */
async function leaveOut(tx: Transaction, units: readonly z.output<typeof counted>[]): Promise<Move[]> {
  const rows = await tx.rows(
    held,
    sql`
    with person as (
      select distinct * from unnest(${units.map((unit) => unit.experiment_id)}::uuid[], ${units.map((unit) => unit.phase)}::text[],
        ${units.map((unit) => unit.unit)}::text[]) as person (experiment_id, phase, unit)
    ), held as (
      select experiment_id, phase, metric, unit, variant, stratum, y_micros, k
      from unit_tally join person using (experiment_id, phase, unit) where variant <> ${CROSSED}
    ), left_out as (
      update unit_tally set variant = ${CROSSED}, stratum = 0 from held
      where (unit_tally.experiment_id, unit_tally.phase, unit_tally.metric, unit_tally.unit) = (held.experiment_id, held.phase, held.metric, held.unit)
    )
    select * from held`,
  );
  return rows.flatMap((row) => {
    const { y_micros, k } = row;
    return [
      { ...sideOf(row), y_micros, k, sign: -1 as const },
      { ...sideOf(row), variant: CROSSED, stratum: 0, y_micros, k, sign: 1 as const },
    ];
  });
}

function sideOf({ experiment_id, phase, metric, variant, stratum }: z.output<typeof held> | z.output<typeof counted>) {
  return { experiment_id, phase, metric, variant, stratum };
}

/** Locks the units whose interactions were rated, in order. False when none of them counts in an experiment. */
async function holdUnits(tx: Transaction, ratings: readonly RatingChange[]): Promise<boolean> {
  const ids = [...new Set(ratings.map((rating) => rating.interactionId))];
  const units = await tx.run(
    prepared(sql`
    select rated.unit from unnest(${ids}::uuid[]) as about (id) join interaction using (id)
    join unit_tally rated on rated.metric = 'rated'
      and (rated.experiment_id, rated.phase, rated.unit) = (interaction.experiment_id, interaction.phase, interaction.unit)
    order by rated.experiment_id, rated.phase, rated.unit
    for update of rated`),
  );
  return units > 0;
}

/**
 * Works out what the changed ratings' units have given now, and carries the difference together with what waits. `offset 0` keeps
 * the order of the joins: from a unit to its interactions to their ratings, also when the plan was made while the tables were empty.
 */
async function countRatedAgain(
  tx: Transaction,
  loop: string,
  ratings: readonly RatingChange[],
  moves: readonly Move[],
): Promise<void> {
  await tx.run(
    prepared(sql`
    with touched as (
      select rated.experiment_id, rated.phase, rated.unit, rated.variant, rated.stratum, changed.metric, sum(changed.thumbs) as thumbs
      from unnest(${ratings.map((rating) => rating.interactionId)}::uuid[], ${ratings.map((rating) => rating.metric)}::text[],
        ${ratings.map((rating) => rating.thumbs)}::integer[]) as changed (interaction_id, metric, thumbs)
      cross join lateral (
        select experiment_id, phase, unit from interaction where interaction.id = changed.interaction_id offset 0
      ) as about
      cross join lateral (
        select experiment_id, phase, unit, variant, stratum from unit_tally
        where metric = 'rated' and (experiment_id, phase, unit) = (about.experiment_id, about.phase, about.unit) offset 0
      ) as rated
      join experiment on experiment.id = rated.experiment_id
      where changed.metric not like 'feedback:%' or ${feedbackIsMetric(sql`substr(changed.metric, length('feedback:') + 1)`)}
      group by rated.experiment_id, rated.phase, rated.unit, rated.variant, rated.stratum, changed.metric
    ), ranked as (
      select touched.experiment_id, touched.phase, touched.unit, touched.metric, outcome.y,
        row_number() over (partition by touched.experiment_id, touched.phase, touched.unit, touched.metric
          order by rating.interaction_id, rating.rater collate "C") as place
      from (select distinct experiment_id, phase, unit from touched where metric <> 'rated') as person
      join experiment on experiment.id = person.experiment_id
      cross join lateral (
        select id from interaction
        where interaction.loop = ${loop} and interaction.unit = person.unit
          and interaction.experiment_id = person.experiment_id and interaction.phase = person.phase offset 0
      ) as about
      cross join lateral (
        select rating.interaction_id, rating.rater, rating.name, rating.value, rating.action_type from rating
        where rating.loop = ${loop} and rating.interaction_id = about.id offset 0
      ) as rating ${ratingOutcomes}
      join touched on (touched.experiment_id, touched.phase, touched.unit, touched.metric) = (person.experiment_id, person.phase, person.unit, outcome.metric)
      where outcome.y is not null
    ), first as materialized (
      select experiment_id, phase, unit, metric, sum(round(y * 1000000)) as y_micros, count(*) as k
      from ranked where place <= ${RATINGS_PER_UNIT} group by experiment_id, phase, unit, metric
    ), fresh as (
      select experiment_id, phase, unit, metric, touched.variant, touched.stratum,
        coalesce(held.y_micros, 0) as y_before, coalesce(held.k, 0) as k_before,
        case metric when 'rated' then held.y_micros + thumbs * 1000000 else coalesce(first.y_micros, 0) end as y_micros,
        case metric when 'rated' then held.k else coalesce(first.k, 0) end as k
      from touched left join first using (experiment_id, phase, unit, metric)
      left join unit_tally held using (experiment_id, phase, unit, metric)
    ), kept as (
      insert into unit_tally (loop, experiment_id, phase, metric, unit, variant, stratum, y_micros, k)
      select ${loop}, experiment_id, phase, metric, unit, variant, stratum, y_micros, k from fresh
      on conflict (experiment_id, phase, metric, unit) do update set y_micros = excluded.y_micros, k = excluded.k
    )
    ${carrying(
      loop,
      sql`(
        select experiment_id, phase, metric, variant, stratum, y_before as y_micros, k_before as k, -1 as sign from fresh
        union all select experiment_id, phase, metric, variant, stratum, y_micros, k, 1 from fresh
        union all select * from ${waiting(moves)})`,
    )}`),
  );
}
