// Read models of feedback: totals, by action, by day. All read the rollup, which every rating keeps right.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { message, messageText } from "../../domain/message.ts";

export interface Thumbs {
  up: number;
  down: number;
}

const thumbs = z.object({ up: z.number(), down: z.number() });

/** All thumbs of a loop. */
export function totalThumbs(tx: Transaction, loop: string): Promise<Thumbs> {
  return tx.one(
    thumbs,
    sql`select coalesce(sum(up), 0)::bigint as up, coalesce(sum(down), 0)::bigint as down from feedback_rollup where loop = ${loop}`,
  );
}

/** Thumbs by action type, most first. The action "" is that of interactions without one. */
export function thumbsByAction(tx: Transaction, loop: string): Promise<(Thumbs & { actionType: string })[]> {
  return tx.rows(
    thumbs.extend({ actionType: z.string() }),
    sql`
    select action_type as "actionType", sum(up)::bigint as up, sum(down)::bigint as down from feedback_rollup where loop = ${loop}
    group by action_type having sum(up) + sum(down) > 0 order by sum(up) + sum(down) desc, action_type`,
  );
}

/** Thumbs by day (UTC, of the interaction), the oldest first, for the `days` up to asOf; days without any are left out. */
export function thumbsByDay(
  tx: Transaction,
  loop: string,
  asOf: Date,
  days: number,
): Promise<(Thumbs & { day: string })[]> {
  return tx.rows(
    thumbs.extend({ day: z.string() }),
    sql`
    select day, sum(up)::bigint as up, sum(down)::bigint as down from feedback_rollup
    where loop = ${loop} and day > (${asOf}::timestamptz at time zone 'UTC')::date - ${days}::integer and day <= (${asOf}::timestamptz at time zone 'UTC')::date
    group by day having sum(up) + sum(down) > 0 order by day`,
  );
}

/** The watermark of the last training run that was submitted, or 0: what it has seen is not new. */
export async function learnedUpTo(tx: Transaction, loop: string): Promise<{ watermark: number; at: Date | null }> {
  const found = await tx.maybe(
    z.object({ watermark: z.number(), at: z.date() }),
    sql`
    select cycle.watermark, training_run.submitted_at as at from training_run join cycle on cycle.id = training_run.cycle_id
    where training_run.loop = ${loop} and training_run.submitted_at is not null order by cycle.number desc limit 1`,
  );
  return found ?? { watermark: 0, at: null };
}

/** Live thumbs whose winning revision came after a watermark, and how many of their interactions can teach. */
export function feedbackSince(
  tx: Transaction,
  loop: string,
  watermark: number,
): Promise<{ ratings: number; teachable: number }> {
  return tx.one(
    z.object({ ratings: z.number(), teachable: z.number() }),
    sql`
    select count(*) as ratings,
           count(*) filter (where rating.value > '0' and interaction.store and interaction.error is null and interaction.response is not null) as teachable
    from feedback
    join rating on rating.feedback_id = feedback.id and rating.loop = feedback.loop and rating.interaction_id = feedback.interaction_id
    join interaction on interaction.id = feedback.interaction_id
    where feedback.loop = ${loop} and (feedback.pulse is null or feedback.pulse > ${watermark})
      and rating.name = 'thumb' and jsonb_typeof(rating.value) = 'number' and rating.value <> '0'`,
  );
}

/** How many thumbs down are looked at for failure patterns. */
const LOOKED_AT = 10_000;

/** The newest thumbs down with what the person said last: raw material of failure patterns. Without what is not to be learned from. */
export async function thumbsDown(tx: Transaction, loop: string) {
  const rows = await tx.rows(
    z.object({ interactionId: z.string(), at: z.date(), asked: message.nullable(), actionType: z.string().nullable() }),
    sql`select interaction.id as "interactionId", interaction.at, interaction.action_type as "actionType",
               jsonb_path_query_array(interaction.messages, '$[*] ? (@.role == "user")') -> -1 as asked
        from rating join interaction on interaction.id = rating.interaction_id
        where rating.loop = ${loop} and rating.name = 'thumb' and jsonb_typeof(rating.value) = 'number' and rating.value < '0'
          and interaction.store
        order by rating.changed_at desc limit ${LOOKED_AT}`,
  );
  return rows.map(({ asked, ...same }) => ({ ...same, prompt: asked === null ? "" : messageText(asked) }));
}

/** Numbers of use, ever: interactions, those that were rated, mean quality, errors. */
export function usageOf(tx: Transaction, loop: string) {
  return tx.one(
    z.object({ total: z.number(), rated: z.number(), errors: z.number(), quality: z.number().nullable() }),
    sql`select count(*) as total, count(*) filter (where error is not null) as errors, avg(quality)::float8 as quality,
               count(*) filter (where exists (select from rating where rating.loop = ${loop} and rating.interaction_id = interaction.id and rating.value <> 'null')) as rated
        from interaction where loop = ${loop}`,
  );
}

/** Interactions since an instant, and how many of them failed. */
export function requestsSince(tx: Transaction, loop: string, since: Date) {
  return tx.one(
    z.object({ requests: z.number(), errors: z.number() }),
    sql`select count(*) as requests, count(*) filter (where error is not null) as errors
        from interaction where loop = ${loop} and at >= ${since}`,
  );
}
