// The rows of a snapshot as building wants them: prepared, by id, some thousand at a time, as they stood at a watermark.
import type { Database } from "../db/database.ts";
import type { PreparedExample, Refusal } from "../snapshot/prepare.ts";
import type { PreparedRow } from "../snapshot/read.ts";
import { type AskedFor, preparedUpTo, type PreparedRow as StoredRow } from "../store/prepared-rows.ts";

const CHUNK = 2_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

export interface SourceOptions extends AskedFor {
  readonly loop: string;
  /** Leave out what nobody rated. */
  readonly ratedOnly: boolean;
  readonly onProgress: (read: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Each chunk is a transaction of its own: nothing is held open meanwhile. Throws once the signal is aborted. */
export async function* preparedRows(db: Database, options: SourceOptions): AsyncGenerator<PreparedRow[]> {
  const { loop, ratedOnly, onProgress, signal } = options;
  for (let after: string | null = FIRST, read = 0; after !== null; ) {
    const page = { after, limit: CHUNK };
    const chunk: StoredRow[] = await db.withLoop(loop, (tx) => preparedUpTo(tx, loop, options, page));
    signal?.throwIfAborted();
    yield chunk.filter((row) => row.score !== null || !ratedOnly).map(rowFrom);
    read += chunk.length;
    onProgress(read);
    after = chunk.length < CHUNK ? null : chunk.at(-1)!.id;
  }
}

function rowFrom(row: StoredRow): PreparedRow {
  const { id, at, unit, conversation, quality, score } = row;
  return {
    id,
    at,
    unit,
    conversation,
    quality,
    actionType: row.action_type,
    rating: score === null || score === 0 ? null : score > 0 ? 1 : -1,
    feedbackId: row.feedback_id,
    isOwn: row.is_own,
    isInWindow: row.is_in_window,
    refused: row.refused as Refusal | null,
    example: exampleFrom(row),
    correction: exampleFrom({
      line: row.corrected_line,
      prompt: row.corrected_prompt,
      answer: row.corrected_answer,
      tokens: row.corrected_tokens,
      fingerprint: row.corrected_fingerprint,
      bands: row.corrected_bands,
      redactions: row.corrected_redactions,
    }),
  };
}

/** All of it is there, or nothing: the table says so. */
function exampleFrom(
  row: Pick<StoredRow, "line" | "prompt" | "answer" | "tokens" | "fingerprint" | "bands" | "redactions">,
): PreparedExample | null {
  return row.line === null ? null : (row as PreparedExample);
}
