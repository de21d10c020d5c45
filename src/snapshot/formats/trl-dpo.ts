// TRL's preference format: {"prompt":[…],"chosen":[…],"rejected":[…]}.
import type { PreferencePair } from "./training-input.ts";
import { trlColumns } from "./trl-columns.ts";
import type { Written } from "./written.ts";

export function writeTrlDpo({ messages, tools, chosen, rejected }: PreferencePair): Written {
  return trlColumns({ prompt: messages, chosen: [chosen], rejected: [rejected] }, tools);
}
