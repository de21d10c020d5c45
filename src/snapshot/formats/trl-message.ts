// A message as TRL and the chat templates of Hugging Face take it.
import type { Message } from "../../domain/message.ts";
import { DEEPEST } from "../map-texts.ts";
import { wordsOf } from "./content-parts.ts";
import { withoutSpecialTokens } from "./special-tokens.ts";

/** Thrown where a tool's arguments are no JSON object, which templates need. */
export class ArgumentsNotJson extends Error {}

/** Content is always a text, since a column holds one type; a developer speaks as the system does; arguments are an object, not a text of JSON. */
export function trlMessage(message: Message): Message {
  const { role, name, tool_calls: calls, tool_call_id: answers } = message;
  return {
    role: role === "developer" ? "system" : role,
    content: withoutSpecialTokens(wordsOf(message)),
    ...(name == null ? {} : { name: neutral(name) }),
    ...(Array.isArray(calls) && calls.length > 0 ? { tool_calls: calls.map(trlCall) } : {}),
    ...(answers == null ? {} : { tool_call_id: answers }),
  };
}

function trlCall(call: unknown): object {
  const { id, function: called } = call as { id?: unknown; function?: { name?: unknown; arguments?: unknown } };
  const named = { name: neutral(called?.name), arguments: asObject(called?.arguments) };
  return { ...(id == null ? {} : { id }), type: "function", function: named };
}

function asObject(value: unknown): object {
  let parsed: unknown = value;
  try {
    if (typeof value === "string") parsed = JSON.parse(value);
  } catch {
    throw new ArgumentsNotJson();
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new ArgumentsNotJson();
  return neutral(parsed) as object;
}

/** A copy without special tokens in texts and keys. */
function neutral(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return withoutSpecialTokens(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) throw new ArgumentsNotJson();
  if (Array.isArray(value)) return value.map((item) => neutral(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [withoutSpecialTokens(key), neutral(item, depth + 1)]),
  );
}
