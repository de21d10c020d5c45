// Lists: {data, has_more, next_cursor}, the newest first, a page at a time.
import { z } from "@hono/zod-openapi";
import { Fault } from "../domain/fault.ts";
import { isId } from "../domain/id.ts";

const MOST = 500;
const USUAL = 50;

/** What a list takes in its query. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST).default(USUAL),
  cursor: z.string().max(200).optional(),
});
export type PageQuery = z.output<typeof pageQuery>;

/** What a list answers. */
export function pageOf(item: z.ZodType = z.looseObject({})) {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });
}

/** The page that a store is asked for: one more than wanted, to know whether there is more. */
export function pageById({ limit, cursor }: PageQuery): { before: string | null; limit: number } {
  if (cursor !== undefined && !isId(cursor)) throw badCursor();
  return { before: cursor ?? null, limit: limit + 1 };
}

/** The same for lists that go by a number. */
export function pageByNumber({ limit, cursor }: PageQuery): { before: number | null; limit: number } {
  if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) throw badCursor();
  return { before: cursor === undefined ? null : Number(cursor), limit: limit + 1 };
}

/** Cuts what the store gave down to the page. */
export function page<Row>(rows: readonly Row[], { limit }: PageQuery, cursorOf: (row: Row) => string | number) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data, has_more: more, next_cursor: more ? String(cursorOf(last)) : null };
}

/** A list that is always whole. */
export function wholeList<Row>(data: readonly Row[]) {
  return { data, has_more: false, next_cursor: null };
}

function badCursor(): Fault {
  return new Fault("invalid", "the cursor is not one that this list gave", {
    hint: "take next_cursor from the page before, or leave it out",
    details: { param: "cursor" },
  });
}
