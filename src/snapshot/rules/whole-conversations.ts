// Where conversations are taught whole: of each its last row, which holds all before it, and none with an answer that was rated down.
import type { Ledger } from "../ledger.ts";

export interface WithinConversations {
  /** Rows that a later one of their conversation holds. */
  readonly earlier: number[];
  /** Rows of a conversation in which something was rated down. */
  readonly spoilt: number[];
}

/** `ratedDown` has the numbers of conversations with an answer that people did not want. `rows` are in the order of ids. */
export function withinConversations(
  ledger: Ledger,
  rows: Uint32Array,
  ratedDown: ReadonlySet<number>,
): WithinConversations {
  const last = new Map<number, number>();
  for (const row of rows) if (ledger.conversation(row) !== 0) last.set(ledger.conversation(row), row);
  const earlier: number[] = [];
  const spoilt: number[] = [];
  for (const row of rows) {
    const conversation = ledger.conversation(row);
    if (conversation === 0) continue;
    if (ratedDown.has(conversation)) spoilt.push(row);
    else if (last.get(conversation) !== row) earlier.push(row);
  }
  return { earlier, spoilt };
}
