// Writes examples as lines of JSON: for supervised fine-tuning, and for the export route.
import type { Message } from "../domain/message.ts";
import { cleanTexts } from "./clean.ts";

interface Example {
  readonly messages: readonly Message[];
  readonly answer: Message;
  readonly tools?: readonly unknown[];
}

/** OpenAI's supervised format, as trainers take it: nothing but messages (and tools, where the request offered some). Ends in a newline. */
export function trainingLine(example: Example): string {
  return `${asLine({ messages: [...example.messages, example.answer], ...offered(example.tools) })}\n`;
}

/** The same with what people said of it, for those who export: `{"messages":[…],"metadata":{"feedback":"up","action_type":"todo"}}`. */
export function exportLine(example: Example, said: { rating: 1 | -1 | null; actionType: string | null }): string {
  const feedback = said.rating === null ? {} : { feedback: said.rating === 1 ? "up" : "down" };
  const action = said.actionType === null ? {} : { action_type: said.actionType };
  return `${asLine({
    messages: [...example.messages, example.answer],
    ...offered(example.tools),
    metadata: { ...feedback, ...action },
  })}\n`;
}

function offered(tools: readonly unknown[] | undefined): { tools?: readonly unknown[] } {
  return tools === undefined || tools.length === 0 ? {} : { tools };
}

/** U+2028 and U+2029 end a line for some readers, though not for JSON. */
export function asLine(value: unknown): string {
  return JSON.stringify(cleanTexts(value)).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
