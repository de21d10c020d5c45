// Finds what is wrong with an example's images before a provider leaves them out without a word.
import type { Message } from "../../domain/message.ts";
import { type ContentPart, isImage, partsOf } from "./content-parts.ts";
import type { TrainingLimits } from "./limits.ts";

export type ImageRule = "image-not-of-user" | "too-many-images" | "image-too-large" | "image-type" | "image-address";

const DATA = /^data:image\/(?:jpeg|jpg|png|webp);base64,/i;

/** JPEG, PNG or WEBP, by address or as base64, in the user's messages alone. Source: OpenAI, "Vision fine-tuning". */
export function ruleAgainstImages(messages: readonly Message[], limits: TrainingLimits): ImageRule | null {
  let count = 0;
  for (const message of messages) {
    for (const part of partsOf(message).filter(isImage)) {
      if (message.role !== "user") return "image-not-of-user";
      const rule = ruleAgainstImage(part, limits);
      if (rule !== null) return rule;
      count += 1;
    }
  }
  return count > limits.imagesAnExample ? "too-many-images" : null;
}

export function hasImage(messages: readonly Message[]): boolean {
  return messages.some((message) => partsOf(message).some(isImage));
}

function ruleAgainstImage({ image_url: image }: ContentPart, { imageBytes }: TrainingLimits): ImageRule | null {
  const url = (image as { url?: unknown } | null | undefined)?.url;
  if (typeof url !== "string" || !/^(?:https?:\/\/|data:)/i.test(url)) return "image-address";
  if (!url.slice(0, 5).toLowerCase().startsWith("data:")) return null;
  const head = DATA.exec(url);
  if (head === null) return "image-type";
  return Math.floor(((url.length - head[0].length) * 3) / 4) > imageBytes + 2 ? "image-too-large" : null;
}
