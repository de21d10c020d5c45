// Says in plain sentences where a training set became less varied than another: a model that feeds on itself narrows.
import type { Diversity } from "./diversity.ts";

/** A fall of less than this, as a share of the earlier figure, is chance. */
const NOTICEABLE = 0.05;

/**
 * A sentence for each figure that fell by more than a twentieth from `before` to `after`; none for what nobody measured, and
 * none for pairs of words where more answers were sampled: their share falls with each answer, varied or not.
 */
export function narrowed(before: Diversity | null, after: Diversity | null): string[] {
  if (before === null || after === null) return [];
  const sentences: string[] = [];
  if (fell(before.distinct_2, after.distinct_2) && !fell(after.sampled, before.sampled))
    sentences.push(
      `Answers repeat one another more: ${share(after.distinct_2)} of their pairs of words are different, ${share(before.distinct_2)} before.`,
    );
  if (fell(before.effective_actions, after.effective_actions))
    sentences.push(
      `Actions are less varied: as ${rounded(after.effective_actions)} equally frequent ones, ${rounded(before.effective_actions)} before.`,
    );
  if (fell(before.people, after.people))
    sentences.push(`Fewer people speak: ${after.people}, ${before.people} before.`);
  return sentences;
}

function fell(before: number | null, after: number | null): boolean {
  return before !== null && after !== null && after < before * (1 - NOTICEABLE);
}

const share = (value: number | null) => `${(100 * value!).toFixed(1)} %`;
const rounded = (value: number) => Math.round(value * 100) / 100;
