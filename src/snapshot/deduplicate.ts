// Removes exact copies, so that what many people asked alike is not learned by heart.
import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import { byId, byWorth, type Example } from "./example.ts";
import { inTurns } from "./in-turns.ts";
import { mapTexts } from "./map-texts.ts";

/** What of a message tells two examples apart: who spoke, the words, and what was called. */
const TELLING = ["role", "content", "tool_calls", "function_call"] as const;

/**
 * The fingerprint of question and answer after normalisation (NFC, case, white space). Examples are compared as redacted:
 * two questions that differ only by the asker's telephone number are copies.
 */
export function fingerprint(example: Pick<Example, "messages" | "answer">): string {
  const telling = [...example.messages, example.answer].map((message) =>
    TELLING.map((field) => mapTexts(withoutCallIds(message[field] ?? null), normalise)),
  );
  return createHash("sha256").update(canonicalJson(telling)).digest("base64");
}

/** Of each group of copies the best-rated, then newest, stays. Any order in, the order of ids out. */
export async function deduplicate(examples: Iterable<Example>): Promise<{ kept: Example[]; dropped: number }> {
  const best = new Map<string, Example>();
  let considered = 0;
  for await (const example of inTurns(examples)) {
    considered += 1;
    const key = fingerprint(example);
    const rival = best.get(key);
    if (rival === undefined || byWorth(example, rival) < 0) best.set(key, example);
  }
  return { kept: [...best.values()].sort(byId), dropped: considered - best.size };
}

function normalise(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** A call's id is made anew for each answer. */
function withoutCallIds(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) => {
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(Object.entries(item).filter(([key]) => key !== "id"));
  });
}
