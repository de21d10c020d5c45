// The fingerprint of an example: equal for exact copies, whatever the case, the white space and the ids of calls.
import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Message } from "../domain/message.ts";
import { mapTexts } from "./map-texts.ts";
import { normalise } from "./normalise.ts";

/** What of a message tells two examples apart: who spoke, the words, and what was called. */
const TELLING = ["role", "content", "tool_calls", "function_call"] as const;
const BYTES = 16;

/**
 * 16 bytes of SHA-256 of question and answer after normalisation (NFC, case, white space). Examples are compared as
 * redacted: two questions that differ only by the asker's telephone number are copies.
 */
export function fingerprint(example: { readonly messages: readonly Message[]; readonly answer: Message }): Buffer {
  const telling = [...example.messages, example.answer].map((message) =>
    TELLING.map((field) => mapTexts(withoutCallIds(message[field] ?? null), normalise)),
  );
  return createHash("sha256").update(canonicalJson(telling)).digest().subarray(0, BYTES);
}

/** A call's id is made anew for each answer. */
function withoutCallIds(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) => {
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(Object.entries(item).filter(([key]) => key !== "id"));
  });
}
