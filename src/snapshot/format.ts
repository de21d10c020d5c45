// Writes examples as lines of JSON: for supervised fine-tuning, for the export route, and for the index of the in-context trainer.

import { lastUserText, type Message } from "../domain/message.ts";
import { cleanTexts } from "./clean.ts";
import type { Example } from "./example.ts";

/** OpenAI's supervised format, as trainers take it: nothing but messages (and tools, where the request offered some). Ends in a newline. */
export function trainingLine(example: Pick<Example, "messages" | "answer" | "tools">): string {
  return line({ messages: [...example.messages, example.answer], ...offered(example.tools) });
}

/** The same with what people said of it, for those who export: `{"messages":[…],"metadata":{"feedback":"up","action_type":"todo"}}`. */
export function exportLine(example: Pick<Example, "messages" | "answer" | "tools" | "rating" | "actionType">): string {
  const feedback = example.rating === null ? {} : { feedback: example.rating === 1 ? "up" : "down" };
  const action = example.actionType === null ? {} : { action_type: example.actionType };
  return line({
    messages: [...example.messages, example.answer],
    ...offered(example.tools),
    metadata: { ...feedback, ...action },
  });
}

/** An approved example as the in-context trainer looks it up: by `prompt`, never for another person's eyes when a loop forbids it (`unit`). */
export interface ApprovedExample {
  readonly interaction_id: string;
  readonly unit: string | null;
  readonly action_type: string | null;
  /** What the person said last: what a new request is compared with. */
  readonly prompt: string;
  readonly messages: readonly Message[];
  readonly response: Message;
}

export function approvedExampleLine(example: Example): string {
  const approved: ApprovedExample = {
    interaction_id: example.interactionId,
    unit: example.unit,
    action_type: example.actionType,
    prompt: lastUserText(example.messages),
    messages: example.messages,
    response: example.answer,
  };
  return line(approved);
}

function offered(tools: readonly unknown[] | undefined): { tools?: readonly unknown[] } {
  return tools === undefined || tools.length === 0 ? {} : { tools };
}

/** U+2028 and U+2029 end a line for some readers, though not for JSON. */
function line(value: unknown): string {
  return `${JSON.stringify(cleanTexts(value)).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`;
}
