// A command is on record before a workflow hears of it; when Temporal does not answer, the operator should know.
import { z } from "zod";

const answer = z.looseObject({ told: z.boolean() });

/** One more line under a command's answer, when its workflow has not heard of it yet. */
export function toldLine(document: unknown): string[] {
  const parsed = answer.safeParse(document);
  if (!parsed.success || parsed.data.told) return [];
  return ["It is on record. Temporal does not answer just now: the workflow hears of it when it is back."];
}
