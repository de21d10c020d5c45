// Interactions for the snapshot's tests, prepared as a pulse would, and chance that can be repeated.
import type { Message } from "../../src/domain/message.ts";
import { createPrepare, type Prepared, type PreparedExample } from "../../src/snapshot/prepare.ts";
import type { PreparedRow } from "../../src/snapshot/read.ts";
import { type Recipe, recipeOf } from "../../src/snapshot/recipe.ts";

export interface TestRow
  extends Omit<PreparedRow, "refused" | "example" | "correction" | "feedbackId" | "correctedBy"> {
  readonly store: boolean;
  readonly error: string | null;
  readonly messages: readonly Message[];
  readonly response: string | Message | null;
  readonly correction: string | null;
  readonly tools?: readonly unknown[];
}

/** The id of the row of a number: ids are in the order of numbers. */
export const idOf = (number: number) => `01920000-0000-7000-8000-${String(number).padStart(12, "0")}`;
export const numberOf = (id: string) => Number(id.slice(-12));

/** A row that teaches, with what the test is about in `changes`. */
export function row(number: number, changes: Partial<TestRow> = {}): TestRow {
  return {
    id: idOf(number),
    at: new Date(Date.UTC(2026, 0, 1, 0, number)),
    unit: `unit-${number}`,
    conversation: null,
    actionType: "todo",
    quality: null,
    rating: 1,
    isOwn: false,
    isInWindow: true,
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

export const RECIPE: Recipe = recipeOf({ redact: "all", allow: [], positiveOnly: true, turns: "pairs" });

export function prepareRow(
  { store, error, messages, tools, response, correction, ...facts }: TestRow,
  recipe = RECIPE,
): PreparedRow {
  const prepare = createPrepare(recipe);
  const own = prepare({ store, error, messages, response, tools });
  const better = correction === null ? null : prepare({ store, error, messages, response: correction, tools });
  return {
    ...facts,
    feedbackId: facts.rating === null ? null : `feedback of ${facts.id}`,
    correctedBy: correction === null ? null : `correction of ${facts.id}`,
    refused: own.refused,
    example: exampleOf(own),
    correction: better === null ? null : exampleOf(better),
  };
}

const exampleOf = (prepared: Prepared): PreparedExample | null => (prepared.refused === null ? prepared : null);

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
