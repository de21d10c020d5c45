// The rules that a conversation must keep before any chat trainer takes it.
import type { Message } from "../../domain/message.ts";
import { isAttachment, partsOf, wordsOf } from "./content-parts.ts";

export type ConversationRule =
  | "no-messages"
  | "role-unknown"
  | "content-malformed"
  | "content-missing"
  | "call-malformed"
  | "call-unanswered"
  | "tool-without-call"
  | "weight-malformed"
  | "nothing-to-learn"
  | "last-not-assistant";

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"];

/**
 * The first rule against messages that end in the answer to learn. Sources: OpenAI, "Supervised fine-tuning" and the reference
 * of chat completions: each call of a tool is answered before anybody else speaks, weights are 0 or 1 and the assistant's.
 */
export function ruleAgainstConversation(messages: readonly Message[]): ConversationRule | null {
  if (messages.length === 0) return "no-messages";
  const rule = ruleAgainstTurns(messages);
  if (rule !== null) return rule;
  if (messages.at(-1)!.role !== "assistant") return "last-not-assistant";
  const learned = messages.some(({ role, weight }) => role === "assistant" && weight !== 0);
  return learned ? null : "nothing-to-learn";
}

/** The first rule against messages in their order, wherever they end. */
export function ruleAgainstTurns(messages: readonly Message[]): ConversationRule | null {
  let open: unknown[] = [];
  for (const message of messages) {
    const rule = ruleAgainstMessage(message);
    if (rule !== null) return rule;
    if (message.role === "tool") {
      const answered = open.indexOf(message.tool_call_id ?? undefined);
      if (answered === -1) return "tool-without-call";
      open.splice(answered, 1);
    } else {
      if (open.length > 0) return "call-unanswered";
      open = callsOf(message).map((call) => call.id);
    }
  }
  return open.length > 0 && messages.at(-1)!.role === "tool" ? "call-unanswered" : null;
}

function ruleAgainstMessage(message: Message): ConversationRule | null {
  const { role, content, weight, function_call: legacy } = message;
  if (!ROLES.includes(role)) return "role-unknown";
  if (content != null && typeof content !== "string" && !Array.isArray(content)) return "content-malformed";
  if (partsOf(message).some(isAttachment)) return "content-malformed";
  if (weight != null && (role !== "assistant" || (weight !== 0 && weight !== 1))) return "weight-malformed";
  const calls = callsOf(message);
  if (!calls.every(isCall) || (calls.length > 0 && role !== "assistant")) return "call-malformed";
  if (role !== "assistant")
    return content == null || (Array.isArray(content) && content.length === 0) ? "content-missing" : null;
  return wordsOf(message).trim() === "" && calls.length === 0 && legacy == null ? "content-missing" : null;
}

interface Call {
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown };
}

function callsOf({ tool_calls: calls }: Message): Call[] {
  if (calls == null) return [];
  return Array.isArray(calls) ? calls.map((call) => (typeof call === "object" && call !== null ? call : {})) : [{}];
}

/** TRL's arguments are an object, and its calls may do without an id. */
function isCall({ id, function: called }: Call): boolean {
  if (typeof called !== "object" || called === null || (id !== undefined && typeof id !== "string")) return false;
  const { name, arguments: given } = called;
  const asText = typeof given === "string" && typeof id === "string";
  return typeof name === "string" && name !== "" && (asText || (typeof given === "object" && given !== null));
}
