// TRL's supervised formats: {"prompt":[…],"completion":[…]} for one answer, {"messages":[…]} for a whole conversation.
import { weightsLost } from "./carried.ts";
import type { Demonstration } from "./training-input.ts";
import { trlColumns } from "./trl-columns.ts";
import { refused, type Written } from "./written.ts";

/** Of a prompt and its completion SFTTrainer learns the completion alone, of messages all of them; it knows no weights. */
export function writeTrlSft({ messages, answer, tools, whole }: Demonstration): Written {
  const all = [...messages, answer];
  if (weightsLost(all, whole ? all : [answer])) return refused("weights-not-carried");
  return whole ? trlColumns({ messages: all }, tools) : trlColumns({ prompt: messages, completion: [answer] }, tools);
}
