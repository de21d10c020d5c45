// What a look's check came to, on one line of an experiment's or a verdict's text.
import { z } from "zod";
import { foreignText } from "./terminal/plain.ts";

export const checkFound = z.object({
  name: z.string(),
  passed: z.boolean(),
  acts: z.string().optional(),
  alarm: z.boolean().optional(),
  words: z.string(),
});

/**
 * Its name, how it stands, and what was found. FAILED is proven harm, NOT PASSED keeps from promotion; what would only ask a person to
 * agree to one "ASKS A PERSON" where something is wrong, and else is "not shown yet".
 */
export function checkLine(check: z.output<typeof checkFound>): readonly [string, string] {
  const { name, passed, acts, alarm, words } = check;
  const asks = alarm === true ? "ASKS A PERSON" : "not shown yet";
  const state = passed ? "passed" : acts === "asks" ? asks : acts === "rejects" ? "FAILED" : "NOT PASSED";
  return [foreignText(name), `${state}: ${foreignText(words)}`];
}
