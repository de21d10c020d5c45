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
      const pieces = Array.from({ length: Math.ceil(rows.length / PIECE) }, (_, piece) =>
        rows.slice(piece * PIECE, (piece + 1) * PIECE),
      );
      const options = signal === undefined ? {} : { signal };
      return (await Promise.all(pieces.map((piece) => pool.run({ recipe, rows: piece }, options)))).flat();
    },
    close: () => pool.destroy(),
  };
}
