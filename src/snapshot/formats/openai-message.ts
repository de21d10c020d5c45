// A message as OpenAI takes it in training files.
import type { Message } from "../../domain/message.ts";
import { partsOf } from "./content-parts.ts";

/** In this order, so that the same message gives the same bytes however it was stored; fields that we do not know follow by name. */
const ORDER = ["role", "content", "refusal", "name", "tool_calls", "function_call", "tool_call_id"];

/**
 * The message with its fields in a fixed order. What an answer says by null or by an empty list is left out (an empty
 * `tool_calls` is refused), but for the content, which may be null beside tool calls. Parts, calls and tools stay as sent.
 */
export function openaiMessage(message: Message, weight?: 0): Message {
  const unknown = Object.keys(message)
    .filter((field) => !ORDER.includes(field) && field !== "weight")
    .sort();
  const fields = [...ORDER, ...unknown].flatMap((field) => {
    const value = field === "content" ? contentOf(message) : message[field];
    return isNothing(value) && field !== "content" ? [] : [[field, value] as const];
  });
  const weighed = message.weight ?? (message.role === "assistant" ? weight : undefined);
  return Object.fromEntries(weighed === undefined ? fields : [...fields, ["weight", weighed]]) as Message;
}

/** The tools that were offered, as a field to spread; nothing where there were none. */
export function offered(
  tools: readonly unknown[] | undefined,
  parallelToolCalls?: boolean,
): { tools?: readonly unknown[]; parallel_tool_calls?: boolean } {
  if (tools === undefined || tools.length === 0) return {};
  return parallelToolCalls === undefined ? { tools } : { tools, parallel_tool_calls: parallelToolCalls };
}

function contentOf(message: Message): unknown {
  return Array.isArray(message.content) ? partsOf(message) : (message.content ?? null);
}

function isNothing(value: unknown): boolean {
  return value == null || (Array.isArray(value) && value.length === 0);
}
