// What an answer does: read from the answer itself, where the loop's settings say so.
import { type Message, messageText } from "../domain/message.ts";

/** The action in an answer: at a JSON pointer (RFC 6901) into its JSON text, else the first tool's name when it called one. */
export function actionOf(answer: Message, pointer: string | null): string | null {
  if (pointer === null) return toolName(answer);
  const text = messageText(answer);
  if (text === "") return toolName(answer);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "string" ? value.slice(0, 100) : null;
}

function toolName(answer: Message): string | null {
  const calls = answer.tool_calls;
  const first: unknown = Array.isArray(calls) ? calls[0] : undefined;
  if (typeof first !== "object" || first === null || !("function" in first)) return null;
  const { function: called } = first as { function: { name?: unknown } };
  return typeof called?.name === "string" ? called.name : null;
}
