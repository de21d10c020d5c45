// Lists come in pages: how many rows, and where the next page begins.
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";

export interface PageOptions {
  limit: number;
  after?: string;
}

const LARGEST = 200;

/** Adds --limit and --after. */
export function withPage(command: Command): Command {
  return command
    .option("--limit <n>", "how many at most", limit, 20)
    .option("--after <cursor>", "go on after a page that was shown");
}

/** A page of rows as the API sends it. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    data: z.array(row),
    has_more: z.boolean().default(false),
    next_cursor: z.union([z.string(), z.number()]).nullish(),
  });

/** The query of a page. */
export const pageQuery = (options: PageOptions) => ({ limit: options.limit, cursor: options.after });

/** The line that says how to see the next page, if there is one. */
export function moreLine(page: { has_more: boolean; next_cursor?: string | number | null | undefined }): string[] {
  return page.has_more && page.next_cursor != null ? [`… there are more: add --after ${page.next_cursor}`] : [];
}

function limit(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= LARGEST) return value;
  throw new InvalidArgumentError(`give a whole number from 1 to ${LARGEST}.`);
}
