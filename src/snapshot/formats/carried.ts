// Says what of a conversation a format would lose.
import type { Message } from "../../domain/message.ts";
import { isAttachment, isImage, partsOf } from "./content-parts.ts";
import type { CarryRule } from "./written.ts";

/** What a format has a place for, beside roles and words. */
export interface Place {
  readonly images: boolean;
  readonly tools: boolean;
  readonly names: boolean;
}

/** The first thing in the messages, or the tools offered, that the format has no place for; null when it takes all of it. */
export function lossOf(
  messages: readonly Message[],
  tools: readonly unknown[] | undefined,
  place: Place,
): CarryRule | null {
  if (!place.tools && tools !== undefined && tools.length > 0) return "tools-not-carried";
  for (const message of messages) {
    const parts = partsOf(message);
    if (parts.some(isAttachment) || message.audio != null) return "attachments-not-carried";
    if (!place.images && parts.some(isImage)) return "images-not-carried";
    if (!place.tools && usesTools(message)) return "tools-not-carried";
    if (!place.names && message.name != null) return "names-not-carried";
  }
  return null;
}

/** True where training on the whole of one answer or conversation would not be what its weights say. `learned` are those that the format teaches. */
export function weightsLost(messages: readonly Message[], learned: readonly Message[]): boolean {
  return messages.some((message) => message.weight === (learned.includes(message) ? 0 : 1));
}

function usesTools({ role, tool_calls: calls, function_call: call }: Message): boolean {
  return role === "tool" || role === "function" || (Array.isArray(calls) && calls.length > 0) || call != null;
}
