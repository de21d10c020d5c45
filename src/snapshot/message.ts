// What the snapshot needs to know of chat messages in OpenAI's shape; fields that it does not know pass through untouched.
import { cleanText } from "./clean.ts";

export interface Message {
  readonly role: string;
  /** A text, a list of parts (`{type:"text",text}`, `{type:"image_url",…}`), or null beside tool calls. */
  readonly content?: unknown;
  readonly [field: string]: unknown;
}

/** The recorded answer as an assistant's message: applications send either the text alone or the whole message. */
export function answerMessage(response: string | Message | null): Message {
  if (response === null) return { role: "assistant", content: null };
  return typeof response === "string" ? { role: "assistant", content: response } : { ...response, role: "assistant" };
}

/** The words of a message: its text, or its text parts one to a line. */
export function messageText(message: Message): string {
  const { content } = message;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (typeof part === "string" ? part : ((part as { text?: unknown } | null)?.text ?? "")))
    .filter((text) => typeof text === "string" && text !== "")
    .join("\n");
}

/** What the person said last; empty when nobody did. */
export function lastUserText(messages: readonly Message[]): string {
  const last = messages.findLast((message) => message.role === "user");
  return last === undefined ? "" : messageText(last);
}

/** True when there are neither words nor a call of a tool to learn from (an answer that is only an image, too). */
export function isEmptyAnswer(message: Message): boolean {
  const calls = message.tool_calls;
  return isBlank(messageText(message)) && !(Array.isArray(calls) && calls.length > 0) && message.function_call == null;
}

/** True for a text of which nothing is left to read once it is made safe. */
export function isBlank(text: string): boolean {
  return cleanText(text).trim() === "";
}
