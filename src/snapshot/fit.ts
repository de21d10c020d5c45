// Keeps a training file within what a trainer takes: the best-rated and newest that fit.
import { byId, byWorth, type Example } from "./example.ts";

/** An example with its line as it will be written, newline included. */
export interface WrittenExample {
  readonly example: Example;
  readonly line: string;
}

/** Of the lines, those of most worth whose bytes together do not exceed `maxBytes`, in the order of ids, and how many were left out. */
export function fit(written: readonly WrittenExample[], maxBytes: number): { kept: WrittenExample[]; leftOut: number } {
  let room = maxBytes;
  const kept = written
    .toSorted((a, b) => byWorth(a.example, b.example))
    .filter(({ line }) => {
      const bytes = Buffer.byteLength(line);
      if (bytes > room) return false;
      room -= bytes;
      return true;
    });
  return { kept: kept.sort((a, b) => byId(a.example, b.example)), leftOut: written.length - kept.length };
}
