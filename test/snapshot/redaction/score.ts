// How well personal data is found: exact places and types against marked texts.

import { findPersonalData, RECOGNISERS } from "../../../src/snapshot/redact.ts";
import type { LabelledText } from "./labelled-lines.ts";

/** What each type has to reach (F1), and how many false hits there may be on all lines without personal data. */
export const F1_TARGETS: Readonly<Record<string, number>> = {
  EMAIL: 0.97,
  PHONE: 0.93,
  URL: 0.95,
  HANDLE: 0.92,
  IBAN: 0.98,
  CARD: 0.98,
  IP: 0.98,
  SSN: 0.98,
  SECRET: 0.98,
};
export const MOST_FALSE_HITS = 1;

export type Finder = (text: string) => readonly { start: number; end: number; type: string }[];

export interface TypeScore {
  readonly hits: number;
  readonly found: number;
  readonly wanted: number;
  /** 2 · hits / (found + wanted); 1 when there was nothing to find and nothing was found. */
  readonly f1: number;
}

/** `falseHits` counts what is found in texts without any mark. */
export function score(
  lines: readonly LabelledText[],
  find: Finder = (text) => findPersonalData(text, RECOGNISERS),
): { types: Map<string, TypeScore>; falseHits: number } {
  const counts = new Map(RECOGNISERS.map(({ type }) => [type, { hits: 0, found: 0, wanted: 0 }]));
  let falseHits = 0;
  for (const { text, spans } of lines) {
    const found = find(text);
    if (spans.length === 0) falseHits += found.length;
    for (const one of spans) {
      const count = counts.get(one.type);
      if (count !== undefined) count.wanted += 1;
    }
    for (const one of found) {
      const count = counts.get(one.type);
      if (count === undefined) continue;
      count.found += 1;
      if (spans.some(({ start, end, type }) => start === one.start && end === one.end && type === one.type))
        count.hits += 1;
    }
  }
  const types = new Map<string, TypeScore>();
  for (const [type, count] of counts) {
    const all = count.found + count.wanted;
    types.set(type, { ...count, f1: all === 0 ? 1 : (2 * count.hits) / all });
  }
  return { types, falseHits };
}
