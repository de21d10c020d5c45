// Who stands still longer than anything that works does: it holds the loop's slot, and a person should know.
import type { CycleStage } from "../domain/cycle.ts";
import { inWords } from "../domain/duration.ts";

const HOUR = 3_600_000;
/** A look takes its time, too: shorter than this nobody is called, however often an experiment is looked at. */
const LEAST_BETWEEN_LOOKS = HOUR / 6;
const LOOKS_MISSED = 3;

/** The longest that a cycle may stand in a stage with nothing new on record (milliseconds). `deadline`: of its training. */
export function longestIn(stage: CycleStage, deadline: number): number {
  switch (stage) {
    case "generate":
      return 3 * HOUR;
    case "train":
    case "poll":
      return deadline;
    case "evaluate":
      return 12 * HOUR;
    case "experiment":
    case "done":
      return HOUR;
    default:
      return stage satisfies never;
  }
}

/** The longest that an experiment may go without a look (milliseconds). */
export function longestUnseen(lookEvery: number): number {
  return Math.max(LEAST_BETWEEN_LOOKS, LOOKS_MISSED * lookEvery);
}

/** Why something that last moved at `since` is stuck at `at`, or null; `what` begins the sentence. */
export function stuckFor(what: string, since: Date, longest: number, at: Date): string | null {
  const stood = at.getTime() - since.getTime();
  if (stood <= longest) return null;
  return `${what} for ${inWords(stood)}, and holds the loop's slot: its workflow's page in Temporal says what it tries`;
}
