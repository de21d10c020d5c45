// Prepared interactions as they stood at a watermark, with the ratings that win among those that a pulse up to it had seen.
// What comes later cannot change what this returns.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

const row = z.object({
  id: z.string(),
  at: z.date(),
  unit: z.string().nullable(),
  conversation: z.string().nullable(),
  action_type: z.string().nullable(),
  quality: z.number().nullable(),
  refused: z.string().nullable(),
  line: z.string().nullable(),
  prompt: z.string().nullable(),
  answer: z.string().nullable(),
  tokens: z.number().nullable(),
  fingerprint: z.instanceof(Buffer).nullable(),
  bands: z.instanceof(Buffer).nullable(),
  redactions: z.record(z.string(), z.number()).nullable(),
  is_own: z.boolean(),
  is_in_window: z.boolean(),
  score: z.coerce.number().nullable(), // thumbs up less thumbs down, over raters; null: nobody rated it
  feedback_id: z.string().nullable(),
  // The same of what a person would rather have read; all null when nobody wrote that, or it was refused.
  corrected_by: z.string().nullable(),
  corrected_line: z.string().nullable(),
  corrected_prompt: z.string().nullable(),
  corrected_answer: z.string().nullable(),
  corrected_tokens: z.number().nullable(),
  corrected_fingerprint: z.instanceof(Buffer).nullable(),
  corrected_bands: z.instanceof(Buffer).nullable(),
  corrected_redactions: z.record(z.string(), z.number()).nullable(),
});
export type PreparedRow = z.output<typeof row>;

export interface AskedFor {
  readonly recipe: string;
  readonly watermark: number;
  /** The window: what happened from an instant on, or was said or rated after a pulse. Both null: everything. */
  readonly since: Date | null;
  readonly afterPulse: number | null;
}

/** The next `limit` rows after an interaction, by id. Fewer are the last. */
export function preparedUpTo(
  tx: Transaction,
  loop: string,
  { recipe, watermark, since, afterPulse }: AskedFor,
  page: { after: string; limit: number },
): Promise<PreparedRow[]> {
  return tx.rows(
    row,
    sql`
    with stretch as materialized (
      select id, pulse, at, unit, conversation, action_type, quality, model_id, refused, line, prompt, answer, tokens, fingerprint, bands, redactions
      from prepared
      where loop = ${loop} and recipe = ${recipe} and id > ${page.after}::uuid and source = id and pulse <= ${watermark}
      order by id limit ${page.limit}
    ), ends as materialized (
      select (array_agg(id order by id))[1] as first, (array_agg(id order by id desc))[1] as last from stretch
    ), live as (
      select distinct on (feedback.interaction_id, feedback.rater)
             feedback.interaction_id, feedback.id, feedback.value, feedback.correction, feedback.pulse
      from ends join feedback on feedback.interaction_id between ends.first and ends.last
      where feedback.loop = ${loop} and feedback.name = 'thumb' and feedback.pulse <= ${watermark}
      order by feedback.interaction_id, feedback.rater, coalesce(feedback.revision, -1) desc, feedback.id desc
    ), said as materialized (
      select interaction_id, sum(sign((value #>> '{}')::numeric)) as score, max(pulse) as pulse,
             (array_agg(id order by id desc))[1] as feedback_id,
             (array_agg(id order by id desc) filter (where correction is not null))[1] as corrected_by
      from live where jsonb_typeof(value) = 'number' group by interaction_id
    )
    select stretch.id, stretch.at, stretch.unit, stretch.conversation, stretch.action_type, stretch.quality, stretch.refused,
           stretch.line, stretch.prompt, stretch.answer, stretch.tokens, stretch.fingerprint, stretch.bands, stretch.redactions,
           model.kind is not null and model.kind in ('fine-tuned', 'in-context') as is_own,
           (${since}::timestamptz is null or stretch.at >= ${since})
             and (${afterPulse}::bigint is null or greatest(stretch.pulse, said.pulse) > ${afterPulse}) as is_in_window,
           said.score, said.feedback_id, said.corrected_by,
           corrected.line as corrected_line, corrected.prompt as corrected_prompt, corrected.answer as corrected_answer,
           corrected.tokens as corrected_tokens, corrected.fingerprint as corrected_fingerprint, corrected.bands as corrected_bands,
           corrected.redactions as corrected_redactions
    from stretch
    left join said on said.interaction_id = stretch.id
    left join model on model.id = stretch.model_id
    left join prepared corrected on corrected.loop = ${loop} and corrected.recipe = ${recipe} and corrected.id = stretch.id
      and corrected.source = said.corrected_by
    order by stretch.id`,
  );
}
