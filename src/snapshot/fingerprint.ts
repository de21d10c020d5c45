// The fingerprints of an example: equal for exact copies, whatever the case, the white space and the ids of calls.
import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Message } from "../domain/message.ts";
import type { Example } from "./example.ts";
import { mapTexts } from "./map-texts.ts";
import { normalise } from "./normalise.ts";

/** What of a message tells two examples apart: who spoke, the words, and what was called. */
const TELLING = ["role", "content", "tool_calls", "function_call"] as const;
const BYTES = 16;

export interface Fingerprints {
  /** Equal for exact copies of question and answer. */
  readonly whole: Buffer;
  /** Equal for the same question. */
  readonly asked: Buffer;
}

/**
 * 16 bytes of SHA-256 of question and answer, and of the question alone, after normalisation (NFC, case, white space). They
 * are compared as redacted: two questions that differ only by the asker's telephone number are copies.
 */
export function fingerprints({ messages, answer }: Example): Fingerprints {
  const hash = createHash("sha256");
  for (const message of messages) hash.update(tellingOf(message));
  const asked = hash.copy().digest().subarray(0, BYTES);
  return { whole: hash.update(tellingOf(answer)).digest().subarray(0, BYTES), asked };
}

/** One line of JSON: its end cannot be mistaken for something that was said. */
function tellingOf(message: Message): string {
  const telling = TELLING.map((field) => mapTexts(withoutCallIds(message[field] ?? null), normalise));
  return `${canonicalJson(telling)}\n`;
}

/** A call's id is made anew for each answer. */
function withoutCallIds(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) => {
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(Object.entries(item).filter(([key]) => key !== "id"));
  });
}
