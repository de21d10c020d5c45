// What the tests of plans read of one: all its words, and all its numbers.
import type { Traffic } from "../../src/evidence/outlook.ts";
import { planExperiment } from "../../src/evidence/plan.ts";
import type { PlanQuestion } from "../../src/evidence/plan-question.ts";
import { type Past, planWords } from "../../src/evidence/plan-words.ts";

/** A loop that has had no experiment. */
export const NO_PAST: Past = { finished: 0, promoted: 0, overridden: 0, rolledBack: 0 };

/** All that is said of some traffic, a line for each thing. */
export function saidOf(given: Traffic, asked: PlanQuestion, past: Past = NO_PAST): string {
  const { lines, warnings } = planWords(planExperiment(given, asked), past);
  return [
    ...lines.map(({ about, words }) => `${about}: ${words}`),
    ...warnings.map((words) => `warning: ${words}`),
  ].join("\n");
}

/** Every number in a document, however deep. */
export function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}
