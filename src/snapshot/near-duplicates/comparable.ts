// What of a text is compared: however long it is, comparing takes a bounded time.
import { createHash } from "node:crypto";
import { normalise } from "../normalise.ts";
import { jaccard } from "./jaccard.ts";

/** UTF-16 units of a text that are cut into grams: some 15,000 tokens. */
export const READ = 65_536;

export interface Comparable {
  readonly head: string;
  /** A hash of what lies beyond, as it is written; null where nothing does. */
  readonly rest: string | null;
}

export function comparable(text: string): Comparable {
  if (text.length <= READ) return { head: headOf(text), rest: null };
  // A copy: a slice would keep all of the long text in memory.
  const head = Buffer.from(headOf(text), "utf16le").toString("utf16le");
  // As UTF-16: in UTF-8 all lone surrogates are the same.
  return { head, rest: createHash("sha256").update(text.slice(READ), "utf16le").digest("base64") };
}

/** The first 65,536 characters, normalised; cut again, since NFC can lengthen a text. */
export function headOf(text: string): string {
  return normalise(text.slice(0, READ)).slice(0, READ);
}

/** How alike two texts are, from 0 to 1: their heads by their grams, and what lies beyond must be the same, letter for letter. */
export function likeness(one: Comparable, other: Comparable): number {
  return one.rest === other.rest ? jaccard(one.head, other.head) : 0;
}
