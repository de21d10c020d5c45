// ChatML: a conversation as one text with marks between turns, {"text":"<|im_start|>user\n…<|im_end|>\n"}.
import { lossOf, weightsLost } from "./carried.ts";
import { wordsOf } from "./content-parts.ts";
import { withoutSpecialTokens } from "./special-tokens.ts";
import type { Demonstration } from "./training-input.ts";
import { refused, type Written, written } from "./written.ts";

const ROLES = ["system", "user", "assistant"];
const START = "<|im_start|>";
const END = "<|im_end|>\n";

export interface Turn {
  readonly role: string;
  readonly text: string;
}

/** Words alone: ChatML as such says neither how tools nor how images are written. Source: OpenAI, "ChatML"; Qwen's chat template. */
export function writeChatml({ messages, answer, tools }: Demonstration): Written {
  const all = [...messages, answer];
  const loss = lossOf(all, tools, { images: false, tools: false, names: false });
  if (loss !== null) return refused(loss);
  if (weightsLost(all, all)) return refused("weights-not-carried");
  const turns = all.map((message) => ({
    role: message.role === "developer" ? "system" : message.role,
    text: withoutSpecialTokens(wordsOf(message)),
  }));
  if (turns.some(({ role }) => !ROLES.includes(role))) return refused("roles-not-carried");
  return written({ text: turns.map(({ role, text }) => `${START}${role}\n${text}${END}`).join("") });
}

/** The turns of a ChatML text; null where it is anything but turns one after the other. */
export function parseChatml(text: string): Turn[] | null {
  const turns: Turn[] = [];
  for (let position = 0; position < text.length; ) {
    const line = text.indexOf("\n", position);
    const end = text.indexOf(END, position);
    const role = text.slice(position + START.length, line);
    if (!text.startsWith(START, position) || line === -1 || end < line || !ROLES.includes(role)) return null;
    const said = text.slice(line + 1, end);
    if (said.includes(START) || said.includes("<|im_end|>")) return null;
    turns.push({ role, text: said });
    position = end + END.length;
  }
  return turns.length === 0 ? null : turns;
}
