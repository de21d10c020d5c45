// Keeps the sums right: what a rating contributed before is taken off, what it contributes now is added.
// Invariant: feedback_rollup and the tallies hold exactly the live ratings whose interaction is there.
// Order of locks, everywhere: ingest_key, rating, feedback_rollup, unit_tally, variant_tally; each in key order, and each
// once in a transaction: what an interaction and its early ratings give is tallied together.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { prepared, sql } from "../../db/sql.ts";
import { thumbOf } from "../../domain/feedback.ts";
import { type RatingChange, tallyChanges } from "../experiment/tally-changes.ts";

export interface RatingKey {
  interactionId: string;
  name: string;
  rater: string;
}

const contribution = z.object({
  interaction_id: z.string(),
  rater: z.string(),
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
  const changes = await moveRatings(tx, loop, ratings, change);
  if (changes.length > 0) await tallyChanges(tx, loop, { interactions: [], ratings: changes });
}

/** Counts new interactions, of which `inExperiment` count in one, with the ratings that came before them. */
export async function countInteractions(
  tx: Transaction,
  loop: string,
  interactions: readonly string[],
  inExperiment: readonly string[],
): Promise<void> {
  const early = await ratingsThatWait(tx, loop, interactions);
  const changes = early.length === 0 ? [] : await moveRatings(tx, loop, early, async () => {});
  if (inExperiment.length > 0) await tallyChanges(tx, loop, { interactions: inExperiment, ratings: changes });
}

/** Returns what the change means for the tallies. */
async function moveRatings(
  tx: Transaction,
  loop: string,
  ratings: readonly RatingKey[],
  change: () => Promise<void>,
): Promise<RatingChange[]> {
  const keys = sql`select * from unnest(${ratings.map((key) => key.interactionId)}::uuid[], ${ratings.map((key) => key.name)}::text[],
                   ${ratings.map((key) => key.rater)}::text[]) as key (interaction_id, name, rater)`;
  const selected = sql`
    from rating where loop = ${loop} and (interaction_id, name, rater) in (${keys})`;
  const read = () =>
    tx.rows(
      contribution,
      prepared(
        sql`select interaction_id, rater, name, value, counted, day, action_type ${selected} order by interaction_id, name, rater for update`,
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
  return changesFrom(before, after);
}

async function ratingsThatWait(tx: Transaction, loop: string, interactionIds: readonly string[]): Promise<RatingKey[]> {
  const waiting = await tx.rows(
    z.object({ interaction_id: z.string(), name: z.string(), rater: z.string() }),
    prepared(
      sql`select interaction_id, name, rater from rating where loop = ${loop} and interaction_id = any(${interactionIds}::uuid[]) and not counted`,
    ),
  );
  return waiting.map((row) => ({ interactionId: row.interaction_id, name: row.name, rater: row.rater }));
}

type Contribution = z.output<typeof contribution>;

/** The metrics whose ratings are others than before. A rating that stays as it was changes none. */
function changesFrom(before: readonly Contribution[], after: readonly Contribution[]): RatingChange[] {
  const keyOf = ({ interaction_id, name, rater }: Contribution) => JSON.stringify([interaction_id, name, rater]);
  const held = new Map(before.map((row) => [keyOf(row), row]));
  return after.flatMap((row) => {
    const was = held.get(keyOf(row));
    const same = was?.counted === row.counted && was.value === row.value && was.action_type === row.action_type;
    return same ? [] : [...(was === undefined ? [] : metricsOf(was, -1)), ...metricsOf(row, 1)];
  });
}

function metricsOf(rating: Contribution, thumbs: -1 | 1): RatingChange[] {
  const { interaction_id: interactionId, name, value, counted, action_type: action } = rating;
  if (!counted) return [];
  if (thumbOf(name, value) !== null)
    return [
      { interactionId, metric: "rated", thumbs },
      { interactionId, metric: "approval", thumbs: 0 },
      { interactionId, metric: `approval/${action}`, thumbs: 0 },
    ];
  return typeof value === "number" && name !== "thumb"
    ? [{ interactionId, metric: `feedback:${name}`, thumbs: 0 }]
    : [];
}

async function moveRollups(
  tx: Transaction,
  loop: string,
  before: readonly Contribution[],
  after: readonly Contribution[],
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
