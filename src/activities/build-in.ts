// Builds a snapshot from what is prepared, in a folder of the worker's own, and shows how far it is.
import type { Database } from "../db/database.ts";
import { buildSnapshot, type SnapshotOptions, type SnapshotOutcome } from "../snapshot/build.ts";
import type { SnapshotLine } from "../snapshot/line-file.ts";
import { recipeId } from "../snapshot/recipe.ts";
import { showProgress } from "./heartbeat.ts";
import { preparedRows } from "./prepared-source.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";

/** `trace` takes where each line comes from. Throws once the signal is aborted. */
export async function buildIn(
  folder: SnapshotFolder,
  db: Database,
  options: SnapshotOptions,
  { trace, signal }: { trace: (lines: readonly SnapshotLine[]) => Promise<void>; signal: AbortSignal },
): Promise<SnapshotOutcome> {
  const rows = preparedRows(db, {
    loop: options.loop,
    recipe: recipeId(options.recipe),
    watermark: options.watermark,
    ratedOnly: options.settings.positiveOnly,
    window: { since: options.windowSince, afterPulse: options.windowFrom },
    onProgress: (read) => showProgress({ read }),
    signal,
  });
  return buildSnapshot(rows, options, {
    scratch: folder.scratch,
    open: folder.openFile,
    trace,
    onProgress: (written) => showProgress({ written }),
    signal,
  });
}
