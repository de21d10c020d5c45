// Keeps the sums right: what a rating contributed before is taken off, what it contributes now is added.
// Invariant: feedback_rollup and the tallies hold exactly the live ratings whose interaction is there.
// Order of locks, everywhere: ingest_key, rating, feedback_rollup, unit_tally, variant_tally; each in key order.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { prepared, sql } from "../../db/sql.ts";
import { thumbOf } from "../../domain/feedback.ts";
import { type CountedUnit, tallyUnits } from "../experiment/tallies.ts";

export interface RatingKey {
  interactionId: string;
  name: string;
  rater: string;
}

const contribution = z.object({
  name: z.string(),
  value: z.unknown(),
  counted: z.boolean(),
  day: z.string().nullable(),
  action_type: z.string().nullable(),
});

/** Runs `change` on these ratings and carries the difference into the sums. Their ingest keys must be held. */
export async function countRatings(
  tx: Transaction,
  loop: string,
  ratings: readonly RatingKey[],
  change: () => Promise<void>,
): Promise<void> {
  const keys = sql`select * from unnest(${ratings.map((key) => key.interactionId)}::uuid[], ${ratings.map((key) => key.name)}::text[],
                   ${ratings.map((key) => key.rater)}::text[]) as key (interaction_id, name, rater)`;
  const selected = sql`
    from rating where loop = ${loop} and (interaction_id, name, rater) in (${keys})`;
  const read = () =>
    tx.rows(
      contribution,
      prepared(
        sql`select name, value, counted, day, action_type ${selected} order by interaction_id, name, rater for update`,
      ),
    );
  const before = await read();
  await change();
  await tx.run(
    prepared(sql`
    update rating set counted = true, day = (interaction.at at time zone 'UTC')::date,
      action_type = coalesce(interaction.action_type, rating.said_action_type, '')
    from interaction
    where interaction.id = rating.interaction_id and rating.loop = ${loop}
      and (rating.interaction_id, rating.name, rating.rater) in (${keys})`),
  );
  const after = await read();
  await moveRollups(tx, loop, before, after);
  await tallyUnits(
    tx,
    loop,
    await unitsOf(
      tx,
      ratings.map((key) => key.interactionId),
    ),
  );
}

/** Counts the ratings that came before these interactions. */
export async function countWaitingRatings(
  tx: Transaction,
  loop: string,
  interactionIds: readonly string[],
): Promise<void> {
  const waiting = await tx.rows(
    z.object({ interaction_id: z.string(), name: z.string(), rater: z.string() }),
    prepared(
      sql`select interaction_id, name, rater from rating where loop = ${loop} and interaction_id = any(${interactionIds}::uuid[]) and not counted`,
    ),
  );
  if (waiting.length === 0) return;
  const keys = waiting.map((row) => ({ interactionId: row.interaction_id, name: row.name, rater: row.rater }));
  await countRatings(tx, loop, keys, async () => {});
}

async function moveRollups(
  tx: Transaction,
  loop: string,
  before: readonly z.output<typeof contribution>[],
  after: readonly z.output<typeof contribution>[],
): Promise<void> {
  const differences = new Map<string, { day: string; action: string; up: number; down: number }>();
  const add = (rows: typeof before, sign: 1 | -1) => {
    for (const { name, value, counted, day, action_type } of rows) {
      const thumb = thumbOf(name, value);
      if (!counted || thumb === null || day === null) continue;
      const key = `${day} ${action_type}`;
      const sum = differences.get(key) ?? { day, action: action_type ?? "", up: 0, down: 0 };
      sum[thumb] += sign;
      differences.set(key, sum);
    }
  };
  add(before, -1);
  add(after, 1);
  const changed = [...differences]
    .filter(([, sum]) => sum.up !== 0 || sum.down !== 0)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  if (changed.length === 0) return;
  const sums = changed.map(([, sum]) => sum);
  await tx.run(
    prepared(sql`
    insert into feedback_rollup (loop, day, action_type, up, down)
    select ${loop}, day, action_type, up, down
    from unnest(${sums.map((sum) => sum.day)}::date[], ${sums.map((sum) => sum.action)}::text[], ${sums.map((sum) => sum.up)}::bigint[],
                ${sums.map((sum) => sum.down)}::bigint[]) as sum (day, action_type, up, down)
    on conflict (loop, day, action_type) do update set up = feedback_rollup.up + excluded.up, down = feedback_rollup.down + excluded.down`),
  );
}

async function unitsOf(tx: Transaction, interactionIds: readonly string[]): Promise<CountedUnit[]> {
  const rows = await tx.rows(
    z.object({
      experiment_id: z.string(),
      phase: z.enum(["experiment", "probation"]),
      unit: z.string(),
      variant: z.string(),
      stratum: z.number(),
    }),
    prepared(sql`select distinct on (experiment_id, phase, unit) experiment_id, phase, unit, variant, stratum from interaction
        where id = any(${interactionIds}::uuid[]) and experiment_id is not null and unit is not null
        order by experiment_id, phase, unit, id`),
  );
  return rows.map((row) => ({
    experimentId: row.experiment_id,
    phase: row.phase,
    unit: row.unit,
    variant: row.variant,
    stratum: row.stratum,
  }));
}
