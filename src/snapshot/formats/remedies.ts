// What each rule means to a person, and what to do; never a word of what the example says.
import type { ExampleRule } from "./check-line.ts";

export const REMEDIES: Readonly<Record<ExampleRule, string>> = {
  "not-json": "is not JSON: write one JSON object a line",
  "nested-too-deeply": "is nested too deeply: flatten it, or leave it out",
  shape: "has not the fields of this format: compare it with the example line in docs/formats.md",
  "no-messages": "has no messages: begin with what was asked",
  "role-unknown": "has an unknown role: use system, developer, user, assistant or tool",
  "content-malformed":
    "has content that is neither a text nor parts of text and images: leave out sound, files and other values",
  "content-missing": "has a message without content: leave the message out, or the example",
  "call-malformed": "has a tool call without an id, a name or arguments, or from another than the assistant",
  "call-unanswered": "has a tool call that nobody answers before the next turn: add the tool's message",
  "tool-without-call":
    "has a tool's message that answers no call just before it: add the call, or leave the message out",
  "weight-malformed": "has a weight that is not 0 or 1, or one that is not the assistant's",
  "nothing-to-learn": "has no answer of a weight other than 0: give the answer to learn the weight 1",
  "last-not-assistant": "does not end with the assistant's message: add the answer, or cut what follows it",
  "image-not-of-user": "has an image in a message that is not the user's: leave it out",
  "too-many-images": "has too many images: leave some out",
  "image-too-large": "has an image that is too large: scale it down",
  "image-type": "has an image that is not JPEG, PNG or WEBP in base64: convert it",
  "image-address": "has an image without a web address or data: give image_url.url",
  "answers-alike": "has the same answer on both sides: it prefers nothing, leave it out",
  "too-many-tokens": "has more tokens than a trainer reads: shorten it, or leave it out",
  "images-not-carried": "has images, for which this format has no place: use openai-sft",
  "attachments-not-carried": "has sound or files, for which no format has a place: leave it out",
  "tools-not-carried": "uses or offers tools, for which this format has no place: use openai-sft or trl-sft",
  "names-not-carried": "names who speaks, for which this format has no place: use openai-sft or trl-sft",
  "weights-not-carried": "has weights that this format cannot keep: use openai-sft",
  "turns-not-carried": "is not one question and its answer: use another format than alpaca",
  "roles-not-carried": "has a role that this format does not know: use openai-sft",
  "arguments-not-json": "has a tool call whose arguments are no JSON object: use openai-sft, or leave it out",
};
