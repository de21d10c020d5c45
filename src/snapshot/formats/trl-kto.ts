// TRL's format for answers with a thumb: {"prompt":[…],"completion":[…],"label":true}.
import type { RatedAnswer } from "./training-input.ts";
import { trlColumns } from "./trl-columns.ts";
import type { Written } from "./written.ts";

export function writeTrlKto({ messages, tools, answer, label }: RatedAnswer): Written {
  return trlColumns({ prompt: messages, completion: [answer] }, tools, { label });
}
