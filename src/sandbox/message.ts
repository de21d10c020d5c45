// Messages as OpenAI writes them, and what they are to a classifier: a question, and earlier question-and-answer pairs.
import { z } from "zod";
import { classOf } from "./answer.ts";
import type { Example } from "./classifier.ts";

const part = z.looseObject({ type: z.string(), text: z.string().optional() });

export const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.union([z.string(), z.array(part)]).nullish(),
  weight: z.union([z.literal(0), z.literal(1)]).nullish(),
});
export type Message = z.output<typeof message>;

/** The text of a message; its text parts, joined, when it has parts. Pictures and sound say nothing to the sandbox. */
export function textOf({ content }: Message): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])).join("\n");
}

/** What is asked: the last user message, else the last message of any kind. */
export function question(messages: readonly Message[]): string {
  const asked = messages.findLast(({ role }) => role === "user") ?? messages.at(-1);
  return asked === undefined ? "" : textOf(asked);
}

/**
 * The user and assistant messages that follow each other, as examples. An earlier turn of the conversation looks just like an
 * example put in front of the request, here as with real models. Answers with `weight: 0` are not examples.
 */
export function pairs(messages: readonly Message[]): Example[] {
  const found: Example[] = [];
  let asked: string | null = null;
  for (const each of messages) {
    if (each.role === "user") asked = textOf(each);
    if (each.role !== "assistant" || asked === null) continue;
    if (each.weight !== 0) found.push({ text: asked, label: classOf(textOf(each)) });
    asked = null;
  }
  return found;
}
