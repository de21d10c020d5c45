// The rows of a snapshot as building wants them: prepared, by id, some thousand at a time, as they stood at a watermark.
import type { Database } from "../db/database.ts";
import type { Refusal } from "../snapshot/prepare.ts";
import type { PreparedRow } from "../snapshot/read.ts";
import { preparedUpTo, type PreparedRow as StoredRow } from "../store/prepared-rows.ts";

const CHUNK = 2_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** What lies in the window: what happened from an instant on, or was said or rated after a pulse. Both null: everything. */
export interface Window {
  readonly since: Date | null;
  readonly afterPulse: number | null;
}

export interface SourceOptions {
  readonly loop: string;
  readonly recipe: string;
  readonly watermark: number;
  readonly window: Window;
  /** Leave out what nobody rated. */
  readonly ratedOnly: boolean;
  readonly onProgress: (read: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Each chunk is a transaction of its own: nothing is held open meanwhile. The next one is read while the one before it is
 * worked on. Throws once the signal is aborted.
 */
export async function* preparedRows(db: Database, options: SourceOptions): AsyncGenerator<PreparedRow[]> {
  const { loop, ratedOnly, window, onProgress, signal } = options;
  const chunkAfter = (after: string) => {
    const chunk = db.withLoop(loop, (tx) => preparedUpTo(tx, loop, options, { after, limit: CHUNK }));
    chunk.catch(() => {}); // whoever waits for it hears of it, and when nobody does any more nobody has to
    return chunk;
  };
  let reading = chunkAfter(FIRST);
  for (let read = 0, isDone = false; !isDone; ) {
    const { rows, next, isLast } = await reading;
    signal?.throwIfAborted();
    if (!isLast) reading = chunkAfter(next);
    yield rows.filter(({ said }) => said !== null || !ratedOnly).map((row) => rowFrom(row, window));
    read += rows.length;
    onProgress(read);
    isDone = isLast;
  }
}

function rowFrom(row: StoredRow, { since, afterPulse }: Window): PreparedRow {
  const { id, at, unit, conversation, quality, said } = row;
  const score = said?.score ?? 0;
  return {
    id,
    at,
    unit,
    conversation,
    quality,
    actionType: row.action_type,
    rating: score === 0 ? null : score > 0 ? 1 : -1,
    feedbackId: said === null ? null : ((score < 0 ? said.last_down : said.last_up) ?? said.last_down),
    correctedBy: said?.corrected_by ?? null,
    isOwn: row.is_own,
    isInWindow:
      (since === null || at >= since) && (afterPulse === null || Math.max(row.pulse, said?.pulse ?? 0) > afterPulse),
    refused: row.refused as Refusal | null,
    example: row.refused === null ? row : null,
    correction: row.corrected,
  };
}
