// What a look's check came to, on one line of an experiment's or a verdict's text.
import { z } from "zod";
import { foreignText } from "./terminal/plain.ts";

export const checkFound = z.object({
  name: z.string(),
  passed: z.boolean(),
  acts: z.string().optional(),
  words: z.string(),
});

/** Its name, and "passed", "NOT PASSED" or, where it would only ask a person to agree to a promotion, "ASKS A PERSON", with what was found. */
export function checkLine({ name, passed, acts, words }: z.output<typeof checkFound>): readonly [string, string] {
  const state = passed ? "passed" : acts === "asks" ? "ASKS A PERSON" : "NOT PASSED";
  return [foreignText(name), `${state}: ${foreignText(words)}`];
}
