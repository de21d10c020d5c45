// What a look's check came to, on one line of an experiment's or a verdict's text.
import { z } from "zod";
import { foreignText } from "./terminal/plain.ts";

export const checkFound = z.object({
  name: z.string(),
  passed: z.boolean(),
  told: z.string().optional(),
  acts: z.string().optional(),
  alarm: z.boolean().optional(),
  words: z.string(),
});

/**
 * Its name, how it stands, and what was found. FAILED is proven harm, NOT PASSED keeps from promotion; what would only ask a person to
 * agree to one "ASKS A PERSON" where something is wrong, and names the command. Where the check says by itself how it is to be told, it is
 * told so.
 */
export function checkLine(check: z.output<typeof checkFound>): readonly [string, string] {
  const { name, words } = check;
  return [foreignText(name), `${foreignText(stateOf(check))}: ${foreignText(words)}`];
}

function stateOf({ passed, told, acts, alarm }: z.output<typeof checkFound>): string {
  if (told !== undefined) return told;
  if (passed) return "passed";
  if (acts === "asks") return alarm === true ? "ASKS A PERSON (ratchet experiment approve)" : "not shown yet";
  return acts === "rejects" ? "FAILED" : "NOT PASSED";
}
