// A line of a training file, read back into what any format can be written from.
import { z } from "zod";
import { type Message, message } from "../domain/message.ts";
import type { Demonstration } from "./formats/training-input.ts";

const line = z.object({
  messages: z.array(message).min(1),
  tools: z.array(z.unknown()).optional(),
  parallel_tool_calls: z.boolean().optional(),
});

export interface LearnedBy {
  /** Each line is a conversation, all of whose answers are learned unless their weight says otherwise. */
  readonly whole: boolean;
  /** False of files from before lines said by weights which answers are learned: it was the last. */
  readonly weighted: boolean;
}

/** Throws for what is no line of such a file. */
export function demonstrationOf(text: string, { whole, weighted }: LearnedBy): Demonstration {
  const { messages, tools, parallel_tool_calls: parallelToolCalls } = line.parse(JSON.parse(text));
  const earlier = messages.slice(0, -1);
  return {
    // An answer without a weight is learned, as a line of the operator's own may mean it: the writer of pairs must not think otherwise.
    messages: !whole && weighted ? earlier.map(learned) : earlier,
    answer: messages.at(-1)!,
    ...(tools === undefined ? {} : { tools }),
    ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
    whole,
  };
}

function learned(one: Message): Message {
  return one.role === "assistant" && one.weight == null ? { ...one, weight: 1 } : one;
}
