// Cuts a list into pages by cursor, as OpenAI's lists do.
import { z } from "zod";
import { ApiError, parseBody } from "./api-error.ts";

/** `limit` and `after` as they stand in a URL. */
function cursor(most: number, usual: number) {
  return z.object({
    limit: z.coerce.number().int().min(1).max(most).default(usual),
    after: z.string().min(1).optional(),
  });
}

/** The page that a query asks for, of items in the order in which they are to be shown. Throws a 400 for an `after` that is not there. */
export function page<Item extends { id: string }>(
  items: readonly Item[],
  query: Record<string, string>,
  { most = 100, usual = 20 }: { most?: number; usual?: number } = {},
) {
  const { limit, after } = parseBody(cursor(most, usual), query);
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0)
    throw new ApiError(400, `'after': nothing here has the id ${after}`, { param: "after" });
  const data = items.slice(start, start + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < items.length,
  };
}
