// What tells whether a system prompt has changed, without keeping the prompt.
import { type Message, messageText } from "../domain/message.ts";
import { sha256 } from "../domain/sha256.ts";

/** A date in a prompt is no other prompt. */
const CALENDAR =
  /\d+|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)\b/gi;

/** A short hash of what the system was told: a changed prompt shows in the records without keeping it apart. */
export function systemPromptHash(messages: readonly Message[]): string | null {
  const prompts = messages
    .filter((message) => message.role === "system" || message.role === "developer")
    .map(messageText);
  return prompts.length === 0 ? null : sha256(prompts.join("\n").replaceAll(CALENDAR, "0")).slice(0, 16);
}
