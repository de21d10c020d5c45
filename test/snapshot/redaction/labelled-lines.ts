// Texts with what is personal in them marked: the repository's own, and those that lie beside it.

import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface LabelledText {
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number; readonly type: string }[];
}

const OWN = new URL("lines/", import.meta.url);
const SHARED = new URL("../../../../shared/data/pii/hard.jsonl", import.meta.url);

/**
 * The lines of lines/*.txt, one text each. «EMAIL jane@acme.com» marks what has to be found, ⏎ is a line break, and ¦ parts a key
 * of a provider, so that scanners for leaked keys leave the files alone.
 */
export function ownLines(): LabelledText[] {
  return readdirSync(OWN)
    .sort()
    .flatMap((file) => {
      const lines = readFileSync(new URL(file, OWN), "utf8").trimEnd().split("\n");
      return lines.map(readMarked);
    });
}

/** The shared hard lines, or undefined where they are not. */
export function sharedLines(): LabelledText[] | undefined {
  if (!existsSync(SHARED)) return undefined;
  return readFileSync(SHARED, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function readMarked(line: string): LabelledText {
  const marked = line.replaceAll("⏎", "\n").replaceAll("¦", "");
  let text = "";
  let position = 0;
  const spans: { start: number; end: number; type: string }[] = [];
  for (const { 0: mark, 1: type = "", 2: value = "", index } of marked.matchAll(/«([A-Z]+) ([^»]*)»/g)) {
    text += marked.slice(position, index);
    spans.push({ start: text.length, end: text.length + value.length, type });
    text += value;
    position = index + mark.length;
  }
  return { text: text + marked.slice(position), spans };
}
