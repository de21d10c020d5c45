// The parts that a message's content is made of, told apart as formats need it.
import { type Message, messageText } from "../../domain/message.ts";

export interface ContentPart {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The parts of a message whose content is a list: a bare text and every part with a text are a text part. Empty for other content. */
export function partsOf({ content }: Message): ContentPart[] {
  return Array.isArray(content) ? content.map(partOf) : [];
}

function partOf(part: unknown): ContentPart {
  if (typeof part === "string") return { type: "text", text: part };
  if (typeof part !== "object" || part === null) return { type: "unknown" };
  const { type, text } = part as { type?: unknown; text?: unknown };
  if (typeof text === "string") return { type: "text", text };
  return { ...part, type: typeof type === "string" ? type : "unknown" };
}

export function isImage({ type }: ContentPart): boolean {
  return type === "image_url";
}

/** Sound, files and whatever else is neither words nor an image. A refusal is the assistant's words. */
export function isAttachment({ type }: ContentPart): boolean {
  return type !== "text" && type !== "image_url" && type !== "refusal";
}

/** The words of a message, a refusal's included. */
export function wordsOf(message: Message): string {
  const words = messageText(message);
  if (words !== "") return words;
  const inPart = partsOf(message).find(({ type }) => type === "refusal")?.refusal;
  const refusal = inPart ?? message.refusal;
  return typeof refusal === "string" ? refusal : "";
}
