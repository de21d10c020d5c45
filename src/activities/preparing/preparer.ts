// Prepares rows on threads of their own, so that a worker goes on beating while redaction and counting are at work.
import { Piscina } from "piscina";
import type { Prepared } from "../../snapshot/prepare.ts";
import type { Recipe } from "../../snapshot/recipe.ts";
import type { RawRow } from "./prepare-rows.ts";

export interface Preparer {
  /** What becomes of each row, in the order given, whatever the number of threads. */
  prepare(recipe: Recipe, rows: readonly RawRow[], signal?: AbortSignal): Promise<Prepared[]>;
  close(): Promise<void>;
}

/** Rows in one piece of work: enough that handing them over costs little, few enough that all threads have some. */
const PIECE = 100;
/** UTF-16 units in one: rows with images may be long. */
const PIECE_LENGTH = 4_000_000;

/** Starts no thread before there is work, and lets idle ones go. */
export function createPreparer(threads: number): Preparer {
  const pool = new Piscina<{ recipe: Recipe; rows: readonly RawRow[] }, Prepared[]>({
    filename: new URL("./thread.ts", import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 10_000,
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 }, // rows come and go: no need to grow
  });
  return {
    async prepare(recipe, rows, signal) {
      const options = signal === undefined ? {} : { signal };
      return (await Promise.all(piecesOf(rows).map((piece) => pool.run({ recipe, rows: piece }, options)))).flat();
    },
    close: () => pool.destroy(),
  };
}

function piecesOf(rows: readonly RawRow[]): RawRow[][] {
  const pieces: RawRow[][] = [];
  let length = 0;
  for (const row of rows) {
    const own = row.messages.length + (row.response?.length ?? 0) + (row.tools?.length ?? 0);
    const last = pieces.at(-1);
    if (last === undefined || last.length === PIECE || length + own > PIECE_LENGTH) {
      pieces.push([row]);
      length = own;
    } else {
      last.push(row);
      length += own;
    }
  }
  return pieces;
}
