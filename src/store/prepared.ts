// What is prepared once for training: how far each recipe has come, what it is still to do, and what it made.
// What must stay true: a row of `prepared` follows from its interaction (and correction) and its recipe alone. So it may be
// made twice, by anybody, and the first stays; and a stream's cursor only moves forward, in the transaction that keeps
// all that lies before it.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

/** Streams are gone through in the order of (pulse, id): what is behind a cursor never changes. */
export type Stream = "interaction" | "feedback";

export interface Cursor {
  readonly pulse: number;
  readonly id: string;
}

/** Behind everything that a pulse saw. */
export const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Makes a recipe known; again, it changes nothing. */
export async function ensureRecipe(
  tx: Transaction,
  loop: string,
  recipe: { id: string; definition: unknown },
  at: Date,
): Promise<void> {
  await tx.run(sql`
    insert into recipe (loop, id, definition, created_at) values (${loop}, ${recipe.id}, ${JSON.stringify(recipe.definition)}, ${at})
    on conflict (loop, id) do nothing`);
  await tx.run(sql`
    insert into preparation (loop, recipe, stream)
    select ${loop}, ${recipe.id}, stream from unnest(array['feedback', 'interaction']) as stream
    on conflict (loop, recipe, stream) do nothing`);
}

/** Where a recipe stands in a stream. */
export function cursorOf(tx: Transaction, loop: string, recipe: string, stream: Stream): Promise<Cursor> {
  return tx.one(
    z.object({ pulse: z.number(), id: z.string() }),
    sql`select pulse, id from preparation where loop = ${loop} and recipe = ${recipe} and stream = ${stream}`,
  );
}

/** Whether a recipe has come to the end of what pulses up to `upTo` saw, along both streams. */
export async function isPrepared(tx: Transaction, loop: string, recipe: string, upTo: number): Promise<boolean> {
  const { streams } = await tx.one(
    z.object({ streams: z.number() }),
    sql`select count(*) as streams from preparation
        where loop = ${loop} and recipe = ${recipe} and (pulse, id) >= (${upTo}::bigint, ${LAST}::uuid)`,
  );
  return streams === 2;
}

/** Moves a stream's cursor forward; one that is there already, or further, stays. */
export async function moveCursor(
  tx: Transaction,
  loop: string,
  recipe: string,
  stream: Stream,
  to: Cursor,
): Promise<void> {
  await tx.run(sql`
    update preparation set pulse = ${to.pulse}, id = ${to.id}
    where loop = ${loop} and recipe = ${recipe} and stream = ${stream} and (pulse, id) < (${to.pulse}::bigint, ${to.id}::uuid)`);
}

/**
 * The interactions of the next stretch of a stream, and where it ends; at its end the cursor is behind pulse `upTo`.
 * `isLast` says that there is nothing after it.
 */
export async function nextStretch(
  tx: Transaction,
  loop: string,
  stream: Stream,
  { after, upTo, limit }: { after: Cursor; upTo: number; limit: number },
): Promise<{ interactions: string[]; to: Cursor; isLast: boolean }> {
  const found = await tx.rows(
    z.object({ pulse: z.number(), id: z.string(), interaction_id: z.string(), bytes: z.number().nullable() }),
    stream === "interaction"
      ? sql`select pulse, id, id as interaction_id, pg_column_size(messages) as bytes from interaction
            where loop = ${loop} and pulse is not null and (pulse, id) > (${after.pulse}::bigint, ${after.id}::uuid) and pulse <= ${upTo}
            order by pulse, id limit ${limit}`
      : sql`select feedback.pulse, feedback.id, feedback.interaction_id, pg_column_size(interaction.messages) as bytes
            from (
              select pulse, id, interaction_id from feedback
              where loop = ${loop} and pulse is not null and (pulse, id) > (${after.pulse}::bigint, ${after.id}::uuid) and pulse <= ${upTo}
              order by pulse, id limit ${limit}
            ) feedback left join interaction on interaction.id = feedback.interaction_id
            order by feedback.pulse, feedback.id`,
  );
  const rows = upToBytes(found);
  const isLast = found.length < limit && rows.length === found.length;
  const last = rows.at(-1);
  return {
    interactions: [...new Set(rows.map((row) => row.interaction_id))],
    to: isLast || last === undefined ? { pulse: upTo, id: LAST } : { pulse: last.pulse, id: last.id },
    isLast,
  };
}

/** As PostgreSQL keeps them, which may be packed. */
const MOST_BYTES = 16_000_000;

/** The first rows that together have no more bytes; at least one. */
function upToBytes<Row extends { bytes: number | null }>(rows: readonly Row[]): Row[] {
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += row.bytes ?? 0;
    return bytes > MOST_BYTES && index > 0;
  });
  return end === -1 ? [...rows] : rows.slice(0, end);
}

const raw = z.object({
  id: z.string(),
  source: z.string(),
  pulse: z.number(),
  at: z.date(),
  unit: z.string().nullable(),
  conversation: z.string().nullable(),
  action_type: z.string().nullable(),
  quality: z.number().nullable(),
  model_id: z.string().nullable(),
  error: z.string().nullable(),
  store: z.boolean(),
  messages: z.string(),
  response: z.string().nullable(),
  tools: z.string().nullable(),
});
/** An answer to prepare, its JSON as text. `source` is the interaction's id, or the rating's whose correction stands in `response`. */
export type RawExample = z.output<typeof raw>;

/**
 * What of some interactions is still to be prepared: their own answers (of rated ones only, when `ratedOnly`), and every
 * correction that a pulse up to `upTo` has seen.
 */
export function unprepared(
  tx: Transaction,
  loop: string,
  recipe: string,
  { interactions, upTo, ratedOnly }: { interactions: readonly string[]; upTo: number; ratedOnly: boolean },
): Promise<RawExample[]> {
  return tx.rows(
    raw,
    sql`
    with chosen as materialized (
      select interaction.* from interaction
      where interaction.id = any(${interactions}::uuid[]) and interaction.loop = ${loop} and interaction.pulse <= ${upTo}
    ), said as materialized (
      select feedback.id, feedback.interaction_id, feedback.correction from feedback
      where feedback.loop = ${loop} and feedback.interaction_id = any(${interactions}::uuid[]) and feedback.name = 'thumb' and feedback.pulse <= ${upTo}
    ), done as materialized (
      select prepared.id, prepared.source from prepared
      where prepared.loop = ${loop} and prepared.recipe = ${recipe} and prepared.id = any(${interactions}::uuid[])
    ), wanted as (
      select chosen.id, chosen.id as source, chosen.response::text as response from chosen
      where not ${ratedOnly}::boolean or exists (select from said where said.interaction_id = chosen.id)
      union all
      select said.interaction_id, said.id, to_jsonb(said.correction)::text from said where said.correction is not null
    )
    select chosen.id, wanted.source, chosen.pulse, chosen.at, chosen.unit, chosen.conversation, chosen.action_type, chosen.quality,
           chosen.model_id, chosen.error, chosen.store, chosen.messages::text as messages, wanted.response, chosen.tools::text as tools
    from wanted join chosen on chosen.id = wanted.id
    where not exists (select from done where done.id = wanted.id and done.source = wanted.source)
    order by wanted.id, wanted.source`,
  );
}

/** What preparing made of an answer; `refused` names the rule that keeps it out, and then there is nothing else. */
export type Outcome =
  | { readonly refused: string }
  | {
      readonly refused: null;
      readonly line: string;
      readonly tokens: number;
      readonly fingerprint: Uint8Array;
      readonly asked: Uint8Array;
      readonly bands: Uint8Array;
      readonly redactions: Readonly<Record<string, number>>;
    };

/** Keeps what was made; what is there already stays. */
export async function keepPrepared(
  tx: Transaction,
  loop: string,
  recipe: string,
  rows: readonly (Omit<RawExample, "messages" | "response" | "tools" | "error" | "store"> & { outcome: Outcome })[],
): Promise<void> {
  if (rows.length === 0) return;
  const made = rows.map(({ outcome }) => (outcome.refused === null ? outcome : null));
  const bytes = (value: Uint8Array | undefined) => (value === undefined ? null : Buffer.from(value));
  await tx.run(sql`
    insert into prepared (loop, recipe, id, source, pulse, at, unit, conversation, action_type, quality, model_id,
      refused, line, tokens, fingerprint, asked, bands, redactions)
    select ${loop}, ${recipe}, row.* from unnest(
      ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.source)}::uuid[], ${rows.map((row) => row.pulse)}::bigint[],
      ${rows.map((row) => row.at)}::timestamptz[], ${rows.map((row) => row.unit)}::text[], ${rows.map((row) => row.conversation)}::text[],
      ${rows.map((row) => row.action_type)}::text[], ${rows.map((row) => row.quality)}::real[], ${rows.map((row) => row.model_id)}::uuid[],
      ${rows.map(({ outcome }) => outcome.refused)}::text[], ${made.map((one) => one?.line ?? null)}::text[],
      ${made.map((one) => one?.tokens ?? null)}::integer[], ${made.map((one) => bytes(one?.fingerprint))}::bytea[],
      ${made.map((one) => bytes(one?.asked))}::bytea[], ${made.map((one) => bytes(one?.bands))}::bytea[], ${made.map((one) => (one === null ? null : JSON.stringify(one.redactions)))}::jsonb[]
    ) as row
    on conflict (loop, recipe, id, source) do nothing`);
}
