// Counts the tokens of a whole example: its messages, images and tools.
import type { Message } from "../domain/message.ts";
import type { Example } from "./example.ts";
import { isAttachment, isImage, partsOf, wordsOf } from "./formats/content-parts.ts";
import { countTokens } from "./tokens.ts";

/** Of each message beside its words, of a name, and of the whole. Source: OpenAI's cookbook, "Data preparation and analysis for chat model fine-tuning". */
const PER_MESSAGE = 3;
const PER_NAME = 1;
const PER_EXAMPLE = 3;

/** By gpt-4o's rule: 85 for an image, and 170 for each of at most 8 tiles unless the detail is low. Sizes are not looked up: most, so that no limit is overlooked. */
const LOW_DETAIL = 85;
const HIGH_DETAIL = 85 + 8 * 170;

/** Tokens of messages with what surrounds them, an answer's calls and the tools as the JSON that they are. Words are counted by `countTokens`. */
export function countMessagesTokens(messages: readonly Message[], tools?: readonly unknown[]): number {
  const offered = tools === undefined || tools.length === 0 ? 0 : countTokens(JSON.stringify(tools));
  return messages.reduce((sum, message) => sum + tokensOf(message), PER_EXAMPLE + offered);
}

/** Tokens of an example as a trainer would read it. */
export function countExampleTokens({
  messages,
  answer,
  tools,
}: Pick<Example, "messages" | "answer" | "tools">): number {
  return countMessagesTokens([...messages, answer], tools);
}

function tokensOf(message: Message): number {
  const { role, name, tool_calls: calls, function_call: call } = message;
  let tokens = PER_MESSAGE + countTokens(role) + countTokens(wordsOf(message));
  if (typeof name === "string") tokens += PER_NAME + countTokens(name);
  if (Array.isArray(calls)) tokens += calls.reduce((sum: number, each) => sum + tokensOfCall(each?.function), 0);
  if (call != null) tokens += tokensOfCall(call);
  for (const part of partsOf(message)) {
    if (isImage(part)) tokens += isLow(part.image_url) ? LOW_DETAIL : HIGH_DETAIL;
    else if (isAttachment(part)) tokens += countTokens(JSON.stringify(part));
  }
  return tokens;
}

/** A call's id is not part of what a model reads. */
function tokensOfCall(called: unknown): number {
  return PER_MESSAGE + (called === undefined ? 0 : countTokens(JSON.stringify(called)));
}

function isLow(image: unknown): boolean {
  return typeof image === "object" && image !== null && (image as { detail?: unknown }).detail === "low";
}
