// Prepares what pulses have seen, as the activity does but in this thread, and reads it back as a snapshot would.
import { prepareRows } from "../../src/activities/preparing/prepare-rows.ts";
import type { Database } from "../../src/db/database.ts";
import { type Recipe, recipeId, recipeOf } from "../../src/snapshot/recipe.ts";
import { cursorOf, ensureRecipe, keepPrepared, moveCursor, nextStretch, unprepared } from "../../src/store/prepared.ts";
import { type PreparedRow, preparedUpTo } from "../../src/store/prepared-rows.ts";
import { AT } from "./loop-fixture.ts";

export const FIRST = "00000000-0000-0000-0000-000000000000";

export const plainRecipe = (ratedOnly = false): Recipe =>
  recipeOf({ redact: "none", allow: [], positiveOnly: ratedOnly, turns: "pairs" });

/** Prepares everything up to a pulse, `limit` rows of a stream at a time. Returns how many answers that were. */
export async function prepareUpTo(
  db: Database,
  loop: string,
  upTo: number,
  { recipe = plainRecipe(), limit = 1000 } = {},
): Promise<number> {
  const id = recipeId(recipe);
  await db.withLoop(loop, (tx) => ensureRecipe(tx, loop, { id, definition: recipe }, AT));
  let prepared = 0;
  for (const stream of ["interaction", "feedback"] as const)
    for (let isLast = false; !isLast; )
      isLast = await db.withLoop(loop, async (tx) => {
        const after = await cursorOf(tx, loop, id, stream);
        const stretch = await nextStretch(tx, loop, stream, { after, upTo, limit });
        const { ratedOnly } = recipe;
        const rows = await unprepared(tx, loop, id, { interactions: stretch.interactions, upTo, ratedOnly });
        const outcomes = prepareRows({ recipe, rows });
        await keepPrepared(
          tx,
          loop,
          id,
          rows.map((row, index) => ({ ...row, outcome: outcomes[index]! })),
        );
        await moveCursor(tx, loop, id, stream, stretch.to);
        prepared += rows.length;
        return stretch.isLast;
      });
  return prepared;
}

/** What a snapshot would read at a watermark. */
export async function readUpTo(
  db: Database,
  loop: string,
  watermark: number,
  { recipe = plainRecipe(), after = FIRST, limit = 1000 } = {},
): Promise<PreparedRow[]> {
  const read = await db.withLoop(loop, (tx) =>
    preparedUpTo(tx, loop, { recipe: recipeId(recipe), watermark }, { after, limit }),
  );
  return read.rows;
}
