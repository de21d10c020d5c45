// Reads a corpus that somebody brings: JSONL, one {"text", "label"} a line.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import type { Utterance } from "./corpus.ts";

const line = z.looseObject({
  text: z.string().trim().min(1, "must not be empty"),
  label: z.string().trim().min(1, "must not be empty"),
});

const HINT = 'a corpus is JSONL: one object a line, as {"text":"set a timer for ten minutes","label":"timer"}';

/** All utterances of a file. Throws a Fault that names the file and, for a broken line, its number and what is wrong with it. */
export function readCorpus(path: string): Utterance[] {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Fault("invalid", `the corpus ${path} cannot be read: ${(cause as Error).message}`, { hint: HINT, cause });
  }
  const corpus: Utterance[] = [];
  for (const [index, text] of content
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (text.trim() === "") continue;
    corpus.push(parseLine(text, `${path}, line ${index + 1}`));
  }
  if (corpus.length === 0) throw new Fault("invalid", `the corpus ${path} is empty`, { hint: HINT });
  return corpus;
}

function parseLine(text: string, place: string): Utterance {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault("invalid", `${place}: this is not JSON (${(cause as Error).message})`, { hint: HINT, cause });
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return { text: parsed.data.text, label: parsed.data.label };
  const faults = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `"${issue.path.join(".")}": ${issue.message}`,
  );
  throw new Fault("invalid", `${place}: ${faults.join("; ")}`, { hint: HINT });
}
