// Alpaca: {"instruction":…,"input":…,"output":…}, one question and one answer.
import { lossOf, weightsLost } from "./carried.ts";
import { wordsOf } from "./content-parts.ts";
import { withoutSpecialTokens } from "./special-tokens.ts";
import type { Demonstration } from "./training-input.ts";
import { refused, type Written, written } from "./written.ts";

/** The headings of Alpaca's own template, which a person's text must not imitate. */
const HEADING = /(?<!#)#{3,}(?=\s{0,8}(?:instruction|input|response):)/gi;

/**
 * The system's words are the instruction and the question its input; without a system the question is the instruction.
 * A conversation of several turns is refused: there is no place for it, and put into `input` it would teach another task.
 * Source: Stanford Alpaca, "Data release".
 */
export function writeAlpaca({ messages, answer, tools }: Demonstration): Written {
  const all = [...messages, answer];
  const loss = lossOf(all, tools, { images: false, tools: false, names: false });
  if (loss !== null) return refused(loss);
  if (weightsLost(all, [answer])) return refused("weights-not-carried");
  const question = messages.at(-1);
  const system = messages.slice(0, -1);
  if (question?.role !== "user" || system.some(({ role }) => role === "user" || role === "assistant")) {
    return refused("turns-not-carried");
  }
  if (system.some(({ role }) => role !== "system" && role !== "developer")) return refused("roles-not-carried");
  const [output, asked, ...told] = [answer, question, ...system].map((message) => plain(wordsOf(message)));
  const instruction = told.filter((words) => words !== "").join("\n\n");
  return written(
    instruction === "" ? { instruction: asked, input: "", output } : { instruction, input: asked, output },
  );
}

function plain(text: string): string {
  return withoutSpecialTokens(text).replace(HEADING, "##");
}
