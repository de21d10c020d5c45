// A line of GET /api/feedback/export: an approved example, and what people said of it.
import type { Example } from "./example.ts";
import { jsonLine } from "./formats/json-line.ts";
import { offered } from "./formats/openai-message.ts";

/** `{"messages":[…],"metadata":{"feedback":"up","action_type":"todo"}}`, ending in a newline. */
export function exportLine(
  { messages, answer, tools }: Example,
  said: { rating: 1 | -1 | null; actionType: string | null },
): string {
  const feedback = said.rating === null ? {} : { feedback: said.rating === 1 ? "up" : "down" };
  const action = said.actionType === null ? {} : { action_type: said.actionType };
  return jsonLine({ messages: [...messages, answer], ...offered(tools), metadata: { ...feedback, ...action } });
}
