// Approved interactions in chunks, for the export: what people liked, and nobody disliked, and may be learned from.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { message } from "../../domain/message.ts";

const approved = z.object({
  id: z.string(),
  at: z.date(),
  unit: z.string().nullable(),
  conversation: z.string().nullable(),
  messages: z.array(message),
  response: message,
  action_type: z.string().nullable(),
  quality: z.number().nullable(),
});
const row = z.union([
  approved.extend({ interaction_id: z.string() }),
  z.object({ interaction_id: z.string(), id: z.null() }),
]);
export type ApprovedInteraction = z.output<typeof approved>;

export const FIRST = "00000000-0000-0000-0000-000000000000";

/**
 * One chunk by interaction id: `limit` rated interactions after `after` are looked at, and those among them that may teach
 * are returned. `next` is where to go on; null at the end.
 */
export async function approvedAfter(
  tx: Transaction,
  loop: string,
  page: { after: string; limit: number },
): Promise<{ interactions: ApprovedInteraction[]; next: string | null }> {
  const rows = await tx.rows(
    row,
    sql`
    select liked.interaction_id, interaction.id, interaction.at, interaction.unit, interaction.conversation, interaction.messages,
           interaction.response, interaction.action_type, interaction.quality
    from (
      select interaction_id from rating
      where loop = ${loop} and interaction_id > ${page.after}::uuid and name = 'thumb' and jsonb_typeof(value) = 'number' and value <> '0'
      group by interaction_id having bool_and(value > '0')
      order by interaction_id limit ${page.limit}
    ) liked
    left join interaction on interaction.id = liked.interaction_id and interaction.store and interaction.error is null
      and interaction.response is not null
    order by liked.interaction_id`,
  );
  const interactions = rows.flatMap((found) => {
    if (found.id === null) return [];
    const { interaction_id: _, ...interaction } = found;
    return [interaction];
  });
  return { interactions, next: rows.length < page.limit ? null : rows.at(-1)!.interaction_id };
}
