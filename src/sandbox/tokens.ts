// Counts tokens roughly, so that usage and cost have a size to show.
import { type Message, textOf } from "./message.ts";

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 3;

/** Tokens of a text: one for every four UTF-16 units, rounded up. An estimate: no vocabulary is loaded. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** Tokens of a conversation: those of its texts, and three for each message's role and borders. */
export function tokensOfMessages(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + TOKENS_PER_MESSAGE + tokensOf(textOf(message)), 0);
}

/** A text in pieces of a token each, as a stream sends them. Joined, they are the text; no surrogate pair is cut. */
export function tokenPieces(text: string): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${CHARACTERS_PER_TOKEN}}`, "gu")) ?? [];
}
