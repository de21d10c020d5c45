// Which utterances the base model knows from the start, and which are left to learn from and to test on.
import type { Utterance } from "./corpus.ts";
import { seededRandom, shuffled } from "./seeded-random.ts";

/**
 * `perAction` utterances of every label for the base model; the rest, shuffled. The same corpus and seed give the same choice.
 * A label with no more than `perAction` utterances goes to the base whole.
 */
export function chooseBase(
  corpus: readonly Utterance[],
  { perAction = 2, seed = 1 }: { perAction?: number; seed?: number } = {},
): { base: Utterance[]; rest: Utterance[] } {
  const chosen = new Map<string, number>();
  const base: Utterance[] = [];
  const rest: Utterance[] = [];
  for (const utterance of shuffled(corpus, seededRandom(seed))) {
    const count = chosen.get(utterance.label) ?? 0;
    if (count >= perAction) rest.push(utterance);
    else {
      chosen.set(utterance.label, count + 1);
      base.push(utterance);
    }
  }
  return { base, rest };
}
