// Recording what people said: every revision is kept, one of them is live, and the sums follow at once.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { prepared, sql } from "../../db/sql.ts";
import { cleanText } from "../../domain/clean-text.ts";
import type { Feedback } from "../../domain/feedback.ts";
import { newId } from "../../domain/id.ts";
import { withoutNul } from "../clean.ts";
import { claimFeedbackEvents, takeInteractionKeys } from "../ingest-keys.ts";
import { countRatings, type RatingKey } from "./count.ts";

/**
 * Records feedback of one loop and keeps every sum right. The same event twice counts once; of several revisions of
 * one rating the highest lives, else the later. Feedback may come before its interaction.
 * Returns our ids, in the order given: an event delivered before gets the id that it got then. Once in a transaction, and
 * not after recordInteractions: each takes its locks from the first on.
 */
export async function recordFeedback(
  tx: Transaction,
  loop: string,
  feedback: readonly Feedback[],
  at: Date,
): Promise<string[]> {
  const clean = feedback.map((entry) => ({
    ...entry,
    interaction: cleanText(entry.interaction),
    name: cleanText(entry.name),
    eventId: entry.eventId === null ? null : cleanText(entry.eventId),
  }));
  const interactions = await takeInteractionKeys(
    tx,
    loop,
    clean.map((entry) => entry.interaction),
  );
  const given = clean.map((entry) => ({ ...entry, id: newId(), interactionId: interactions.get(entry.interaction)! }));
  const events = given.flatMap(({ eventId, id }) => (eventId === null ? [] : [{ eventId, feedbackId: id }]));
  const delivered = events.length === 0 ? new Map<string, string>() : await claimFeedbackEvents(tx, loop, events);
  const idOf = ({ eventId, id }: Revision) => (eventId === null ? id : delivered.get(eventId)!);
  const added = given.filter((entry) => idOf(entry) === entry.id);
  if (added.length > 0) {
    await append(tx, loop, added, at);
    await countRatings(tx, loop, distinctRatings(added), () => enliven(tx, loop, added, at));
  }
  return given.map(idOf);
}

type Revision = Feedback & { id: string; interactionId: string };

async function append(tx: Transaction, loop: string, revisions: readonly Revision[], at: Date): Promise<void> {
  const documents = revisions.map((entry) => ({
    id: entry.id,
    interaction_id: entry.interactionId,
    name: entry.name,
    rater: entry.rater,
    value: entry.value,
    comment: entry.comment,
    reasons: entry.reasons,
    correction: entry.correction,
    action_type: entry.actionType,
    revision: entry.revision,
  }));
  await tx.run(
    prepared(sql`
    insert into feedback (id, loop, interaction_id, name, rater, value, comment, reasons, correction, action_type, revision, received_at)
    select id, ${loop}, interaction_id, name, rater, coalesce(value, 'null'), comment, reasons, correction, action_type, revision, ${at}
    from jsonb_to_recordset(${withoutNul(documents)}::jsonb) as row (id uuid, interaction_id uuid, name text, rater text, value jsonb,
      comment text, reasons text[], correction text, action_type text, revision bigint)`),
  );
}

/** Makes the winning revision live. Which one wins does not depend on the order of arrival when revisions are given. */
async function enliven(tx: Transaction, loop: string, revisions: readonly Revision[], at: Date): Promise<void> {
  const winners = new Map<string, Revision>();
  for (const entry of revisions) {
    const key = JSON.stringify([entry.interactionId, entry.name, entry.rater]);
    const held = winners.get(key);
    if (held === undefined || (entry.revision ?? -1) >= (held.revision ?? -1)) winners.set(key, entry);
  }
  const documents = [...winners.values()].map((entry) => ({
    interaction_id: entry.interactionId,
    name: entry.name,
    rater: entry.rater,
    feedback_id: entry.id,
    revision: entry.revision,
    value: entry.value,
    correction: entry.correction,
    said_action_type: entry.actionType,
  }));
  await tx.run(
    prepared(sql`
    insert into rating (loop, interaction_id, name, rater, feedback_id, revision, value, correction, said_action_type, changed_at)
    select ${loop}, interaction_id, name, rater, feedback_id, revision, coalesce(value, 'null'), correction, said_action_type, ${at}
    from jsonb_to_recordset(${withoutNul(documents)}::jsonb) as row (interaction_id uuid, name text, rater text, feedback_id uuid,
      revision bigint, value jsonb, correction text, said_action_type text)
    on conflict (loop, interaction_id, name, rater) do update set
      feedback_id = excluded.feedback_id, revision = excluded.revision, value = excluded.value, correction = excluded.correction,
      said_action_type = excluded.said_action_type, changed_at = excluded.changed_at
    where (coalesce(excluded.revision, -1), excluded.feedback_id) > (coalesce(rating.revision, -1), rating.feedback_id)`),
  );
}

function distinctRatings(revisions: readonly Revision[]): RatingKey[] {
  const keys = new Map(
    revisions.map(({ interactionId, name, rater }) => [
      JSON.stringify([interactionId, name, rater]),
      { interactionId, name, rater },
    ]),
  );
  return [...keys.values()];
}

const recent = z.object({
  id: z.string(),
  interaction_id: z.string(),
  name: z.string(),
  value: z.unknown(),
  comment: z.string().nullable(),
  reasons: z.array(z.string()),
  correction: z.string().nullable(),
  action_type: z.string().nullable(),
  received_at: z.date(),
});

/** The latest revisions, newest first. */
export function recentFeedback(tx: Transaction, loop: string, page: { before: string | null; limit: number }) {
  return tx.rows(
    recent,
    sql`
    select id, interaction_id, name, value, comment, reasons, correction, action_type, received_at from feedback
    where loop = ${loop} and id < coalesce(${page.before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    order by id desc limit ${page.limit}`,
  );
}
