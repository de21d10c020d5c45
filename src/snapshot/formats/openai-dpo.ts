// OpenAI's preference format: {"input":{"messages":[…]},"preferred_output":[…],"non_preferred_output":[…]}.
import { lossOf } from "./carried.ts";
import { offered, openaiMessage } from "./openai-message.ts";
import type { PreferencePair } from "./training-input.ts";
import { refused, type Written, written } from "./written.ts";

/** Words alone, in and out; weights mean nothing here. Source: OpenAI, "Direct preference optimization". */
export function writeOpenaiDpo({ messages, tools, parallelToolCalls, chosen, rejected }: PreferencePair): Written {
  const loss = lossOf([...messages, chosen, rejected], tools, { images: false, tools: true, names: true });
  if (loss !== null) return refused(loss);
  const [preferred, other, ...input] = [chosen, rejected, ...messages].map((message) =>
    openaiMessage({ ...message, weight: undefined }),
  );
  return written({
    input: { messages: input, ...offered(tools, parallelToolCalls) },
    preferred_output: [preferred],
    non_preferred_output: [other],
  });
}
