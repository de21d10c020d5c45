// Prepared interactions as they stood at a watermark, with the ratings that win among those that a pulse up to it had seen.
// What comes later cannot change what this returns. Three plain statements instead of one: each goes by an index whatever
// the server knows of its tables, which right after a bulk load is nothing.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

const texts = z.object({
  line: z.string(),
  tokens: z.number(),
  fingerprint: z.instanceof(Buffer),
  asked: z.instanceof(Buffer),
  bands: z.instanceof(Buffer),
  redactions: z.record(z.string(), z.number()),
});
export type PreparedTexts = z.output<typeof texts>;

const fact = z.object({
  id: z.string(),
  pulse: z.number(),
  at: z.date(),
  unit: z.string().nullable(),
  conversation: z.string().nullable(),
  action_type: z.string().nullable(),
  quality: z.number().nullable(),
  is_own: z.boolean(),
});
/** Either the rule that keeps it out of every snapshot, or its texts: the table says so. One plain shape parses in a third of the time. */
const row = fact.extend({
  refused: z.string().nullable(),
  line: z.string().nullable(),
  tokens: z.number().nullable(),
  fingerprint: z.instanceof(Buffer).nullable(),
  asked: z.instanceof(Buffer).nullable(),
  bands: z.instanceof(Buffer).nullable(),
  redactions: z.record(z.string(), z.number()).nullable(),
  source: z.string(),
  all: z.number(),
});
type Fact = z.output<typeof fact>;
type Prepared = (Fact & PreparedTexts & { refused: null }) | (Fact & { refused: string });

const said = z.object({
  interaction_id: z.string(),
  score: z.coerce.number(), // thumbs up less thumbs down, over raters
  pulse: z.number(),
  /** The newest ratings of each kind. */
  last_up: z.string().nullable(),
  last_down: z.string().nullable(),
  corrected_by: z.string().nullable(),
});

export type PreparedRow = Prepared & {
  /** What people said of it; null: nobody rated it. `pulse`: the last that saw some of it. */
  said: Omit<z.output<typeof said>, "interaction_id"> | null;
  /** With what a person would rather have read; null when nobody wrote that, or it was refused. */
  corrected: PreparedTexts | null;
};

/** Of the lines of a page, as PostgreSQL keeps them: those with images are long. */
const MOST_BYTES = 16_000_000;

/**
 * The next rows after an interaction, by id, and where to go on: at most `limit`, and no more than one goes beyond some megabytes.
 * It asks for the page by its key alone: what it does not want is left out here.
 */
export async function preparedUpTo(
  tx: Transaction,
  loop: string,
  { recipe, watermark }: { recipe: string; watermark: number },
  page: { after: string; limit: number },
): Promise<{ rows: PreparedRow[]; next: string; isLast: boolean }> {
  // Right after much was prepared the server knows of an empty table yet, and would read and sort all of it for each page.
  await tx.run(
    sql`select set_config(name, 'off', true) from unnest(array['enable_sort', 'enable_seqscan', 'enable_bitmapscan']) as name`,
  );
  const found = await tx.rows(
    row,
    sql`
    select stretch.*, coalesce(model.kind in ('fine-tuned', 'in-context'), false) as is_own
    from (
      select page.*, count(*) over () as all, sum(pg_column_size(line)) over (order by id, source) - pg_column_size(line) as bytes_before
      from (
        select id, source, pulse, at, unit, conversation, action_type, quality, model_id, refused, line, tokens, fingerprint, asked, bands, redactions
        from prepared
        where loop = ${loop} and recipe = ${recipe} and id > ${page.after}::uuid
        order by id, source limit ${page.limit}
      ) page
    ) stretch
    left join model on model.id = stretch.model_id
    where coalesce(stretch.bytes_before, 0) <= ${MOST_BYTES}
    order by stretch.id, stretch.source`,
  );
  if (found.length === 0) return { rows: [], next: page.after, isLast: true };
  const isLast = found[0]!.all < page.limit && found[0]!.all === found.length;
  // The last interaction may go on behind the page's end: it is the next page's, unless it is all there is on this one.
  const whole = isLast || found[0]!.id === found.at(-1)!.id ? found : found.filter(({ id }) => id !== found.at(-1)!.id);
  const rows = whole
    .filter((one) => one.source === one.id && one.pulse <= watermark)
    .map(({ source: _, all: __, ...one }) => one as unknown as Prepared);
  const next = whole.at(-1)!.id;
  if (rows.length === 0) return { rows: [], next, isLast };
  const ratings = await saidOf(tx, loop, watermark, rows[0]!.id, rows.at(-1)!.id);
  const corrected = [...ratings].flatMap(([id, { corrected_by: source }]) => (source === null ? [] : [{ id, source }]));
  const corrections = await correctionsOf(tx, loop, recipe, corrected);
  const read = rows.map((one) => ({
    ...one,
    said: ratings.get(one.id) ?? null,
    corrected: corrections.get(ratings.get(one.id)?.corrected_by ?? "") ?? null,
  }));
  return { rows: read, next, isLast };
}

/** What people said of the interactions between two ids, both included. */
async function saidOf(tx: Transaction, loop: string, watermark: number, first: string, last: string) {
  const rows = await tx.rows(
    said,
    sql`
    select interaction_id, sum(sign((value #>> '{}')::numeric)) as score, max(pulse) as pulse,
           (array_agg(id order by id desc) filter (where (value #>> '{}')::numeric > 0))[1] as last_up,
           (array_agg(id order by id desc) filter (where (value #>> '{}')::numeric <= 0))[1] as last_down,
           (array_agg(id order by id desc) filter (where correction is not null))[1] as corrected_by
    from (
      select distinct on (interaction_id, rater) interaction_id, id, value, correction, pulse from feedback
      where loop = ${loop} and interaction_id between ${first}::uuid and ${last}::uuid and name = 'thumb' and pulse <= ${watermark}
      order by interaction_id, rater, coalesce(revision, -1) desc, id desc
    ) live where jsonb_typeof(value) = 'number' group by interaction_id`,
  );
  return new Map(rows.map(({ interaction_id, ...one }) => [interaction_id, one]));
}

/** What was prepared of corrections, by the rating that they came with. */
async function correctionsOf(
  tx: Transaction,
  loop: string,
  recipe: string,
  wanted: readonly { id: string; source: string }[],
): Promise<Map<string, PreparedTexts>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx.rows(
    texts.extend({ source: z.string() }),
    sql`
    select source, line, tokens, fingerprint, asked, bands, redactions from prepared
    where loop = ${loop} and recipe = ${recipe} and refused is null
      and (id, source) in (select * from unnest(${wanted.map((one) => one.id)}::uuid[], ${wanted.map((one) => one.source)}::uuid[]))`,
  );
  return new Map(rows.map(({ source, ...one }) => [source, one]));
}
