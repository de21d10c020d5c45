// The fingerprint of messages: equal for exact copies, whatever the case, the white space and the ids of calls.
import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { Message } from "../domain/message.ts";
import { mapTexts } from "./map-texts.ts";
import { normalise } from "./normalise.ts";

/** What of a message tells two examples apart: who spoke, the words, and what was called. */
const TELLING = ["role", "content", "tool_calls", "function_call"] as const;
const BYTES = 16;

/**
 * 16 bytes of SHA-256 of messages after normalisation (NFC, case, white space). They are compared as redacted: two questions
 * that differ only by the asker's telephone number are copies.
 */
export function fingerprint(messages: readonly Message[]): Buffer {
  const telling = messages.map((message) =>
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
