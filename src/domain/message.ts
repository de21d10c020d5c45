// A chat message in OpenAI's shape, and what of it is words.
import { z } from "zod";

/** `content` is a text, a list of parts (`{type:"text",text}`, `{type:"image_url",…}`), or null beside tool calls; fields that we do not know pass through. */
export const message = z.looseObject({ role: z.string(), content: z.unknown().optional() });
export type Message = z.output<typeof message>;

/** The words of a message: its text, or its text parts one to a line; empty when it has none. */
export function messageText({ content }: Message): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (typeof part === "string" ? part : (part as { text?: unknown } | null)?.text))
    .filter((text) => typeof text === "string" && text !== "")
    .join("\n");
}

/** What the person said last; empty when nobody said anything. */
export function lastUserText(messages: readonly Message[]): string {
  const last = messages.findLast(({ role }) => role === "user");
  return last === undefined ? "" : messageText(last);
}
