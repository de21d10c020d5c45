// OpenAI's supervised format: {"messages":[…],"tools":[…]}.
import { lossOf } from "./carried.ts";
import { offered, openaiMessage } from "./openai-message.ts";
import type { Demonstration } from "./training-input.ts";
import { refused, type Written, written } from "./written.ts";

/**
 * Earlier answers get `"weight": 0`, since nobody approved them here: only the last is learned. A weight that the
 * application sent stays, and whole conversations are written without. Source: OpenAI, "Supervised fine-tuning".
 */
export function writeOpenaiSft({ messages, answer, tools, parallelToolCalls, whole }: Demonstration): Written {
  const loss = lossOf([...messages, answer], tools, { images: true, tools: true, names: true });
  if (loss !== null) return refused(loss);
  const earlier = messages.map((message) => openaiMessage(message, whole ? undefined : 0));
  return written({ messages: [...earlier, openaiMessage(answer)], ...offered(tools, parallelToolCalls) });
}
