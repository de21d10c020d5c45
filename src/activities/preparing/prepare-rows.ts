// Prepares rows as the database gives them, their JSON still text: parsing it belongs to the costly work.
import { z } from "zod";
import { type Message, message } from "../../domain/message.ts";
import { createPrepare, type Prepare, type Prepared } from "../../snapshot/prepare.ts";
import { type Recipe, recipeId } from "../../snapshot/recipe.ts";

export interface RawRow {
  readonly store: boolean;
  readonly error: string | null;
  /** JSON: messages; an answer's message, or the text of a correction, or null; tools, or null. */
  readonly messages: string;
  readonly response: string | null;
  readonly tools: string | null;
}

const messages = z.array(message);
const response = z.union([z.string(), message, z.null()]);
const tools = z.array(z.unknown()).nullable();

const known = new Map<string, Prepare>();

/** What becomes of each row, in the order given. Throws a Fault for a recipe with an unknown type of redaction. */
export function prepareRows({ recipe, rows }: { recipe: Recipe; rows: readonly RawRow[] }): Prepared[] {
  const id = recipeId(recipe);
  const prepare = known.get(id) ?? createPrepare(recipe);
  known.set(id, prepare);
  return rows.map((row) =>
    prepare({
      store: row.store,
      error: row.error,
      messages: messages.parse(JSON.parse(row.messages)) as Message[],
      response: row.response === null ? null : response.parse(JSON.parse(row.response)),
      tools: row.tools === null ? null : tools.parse(JSON.parse(row.tools)),
    }),
  );
}
