// What two examples are compared by: the last question, what it followed on, and the answer.
import { type Message, messageText } from "../domain/message.ts";

/** A system prompt is everybody's, and an earlier turn stands in every later row of its conversation: neither may count. */
const TURNS = 2;

/** The words, and the calls, of the last turns and the answer, as they were prepared. */
export function gistOf(messages: readonly Message[], answer: Message): string {
  const spoken = messages.filter(({ role }) => role !== "system" && role !== "developer");
  return [...spoken.slice(-TURNS), answer].map(saidBy).join("\n");
}

function saidBy(message: Message): string {
  const calls = message.tool_calls ?? message.function_call;
  return calls == null ? messageText(message) : `${messageText(message)} ${JSON.stringify(calls)}`;
}
