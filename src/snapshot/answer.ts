// What selection needs to know of an answer: is there anything in it to learn from?
import { cleanText } from "../domain/clean-text.ts";
import { type Message, messageText } from "../domain/message.ts";

/** The recorded answer as an assistant's message: applications send either the text alone or the whole message. */
export function answerMessage(response: string | Message | null): Message {
  if (response === null) return { role: "assistant", content: null };
  return typeof response === "string" ? { role: "assistant", content: response } : { ...response, role: "assistant" };
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
