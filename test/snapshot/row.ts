// Rows and chance for the snapshot's tests.
import type { SnapshotRow } from "../../src/snapshot/row.ts";

/** A row that teaches, with what the test is about in `changes`. */
export function row(number: number, changes: Partial<SnapshotRow> = {}): SnapshotRow {
  return {
    id: `interaction-${String(number).padStart(4, "0")}`,
    at: new Date(Date.UTC(2026, 0, 1, 0, number)),
    unit: `unit-${number}`,
    conversation: null,
    actionType: "todo",
    quality: null,
    rating: 1,
    store: true,
    error: null,
    messages: [
      { role: "system", content: "Answer briefly." },
      { role: "user", content: `question ${number}` },
    ],
    response: `answer ${number}`,
    correction: null,
    ...changes,
  };
}

/** Numbers in [0, 1) from a seed, for shuffles that can be repeated. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = chance(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
