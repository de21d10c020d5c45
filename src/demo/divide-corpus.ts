// Divides the corpus so that what is measured was never taught.
// Invariant: no text is in two parts, whatever its capitals and spaces.
import { Fault } from "../domain/fault.ts";
import type { Utterance } from "../sandbox/corpus.ts";
import { seededRandom, shuffled } from "../sandbox/seeded-random.ts";
import { chooseActions } from "./choose-actions.ts";

export interface DividedCorpus {
  readonly actions: readonly string[];
  /** What the base model knows from the start: two of each action. */
  readonly base: readonly Utterance[];
  /** The gold set: what the gate asks both models. */
  readonly gold: readonly Utterance[];
  /** What accuracy is measured on; no user ever says it. */
  readonly heldOut: readonly Utterance[];
  /** What users say. */
  readonly pool: readonly Utterance[];
}

export interface Division {
  readonly basePerAction: number;
  readonly goldShare: number;
  readonly mostGold: number;
  readonly heldOutShare: number;
  readonly mostHeldOut: number;
}

export const DIVISION: Division = {
  basePerAction: 2,
  goldShare: 0.05,
  mostGold: 120,
  heldOutShare: 0.15,
  mostHeldOut: 400,
};

/** An action with fewer different utterances has too few for each part. */
const FEWEST_PER_ACTION = 20;
/** A smaller pool would be learned by heart. */
const SMALLEST_POOL = 300;

/**
 * Divides a corpus action by action, so that every part has the same mix. The same corpus and seed give the same parts.
 * Throws a Fault `invalid` for a corpus that is too small to learn from.
 */
export function divideCorpus(corpus: readonly Utterance[], seed: number, division: Division = DIVISION): DividedCorpus {
  const distinct = withoutCopies(corpus);
  const known = new Set(chooseActions(distinct));
  const byAction = Map.groupBy(
    distinct.filter(({ label }) => known.has(label)),
    ({ label }) => label,
  );
  const random = seededRandom(seed);
  const enough = [...byAction]
    .filter(([, utterances]) => utterances.length >= FEWEST_PER_ACTION)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const parts = {
    base: [] as Utterance[],
    gold: [] as Utterance[],
    heldOut: [] as Utterance[],
    pool: [] as Utterance[],
  };
  for (const [, utterances] of enough) {
    const count = (share: number, most: number) =>
      Math.min(Math.round(share * utterances.length), Math.floor(most / enough.length));
    const gold = division.basePerAction + count(division.goldShare, division.mostGold);
    const heldOut = gold + count(division.heldOutShare, division.mostHeldOut);
    const drawn = shuffled(utterances, random);
    parts.base.push(...drawn.slice(0, division.basePerAction));
    parts.gold.push(...drawn.slice(division.basePerAction, gold));
    parts.heldOut.push(...drawn.slice(gold, heldOut));
    parts.pool.push(...drawn.slice(heldOut));
  }
  if (enough.length < 2 || parts.pool.length < SMALLEST_POOL)
    throw new Fault(
      "invalid",
      `the corpus is too small to learn from: ${enough.length} actions with at least ${FEWEST_PER_ACTION} different utterances, and ${parts.pool.length} utterances for users to say`,
      {
        hint: `at least 2 actions and about ${SMALLEST_POOL + 100} different utterances are wanted; leave --corpus out to use the demo's own`,
      },
    );
  return { actions: enough.map(([action]) => action), ...parts };
}

/** The first of each text. One that stands under two labels is nobody's truth, but the first is as good as any. */
function withoutCopies(corpus: readonly Utterance[]): Utterance[] {
  const seen = new Map<string, Utterance>();
  for (const utterance of corpus) {
    const text = utterance.text.toLowerCase().replace(/\s+/g, " ").trim();
    if (!seen.has(text)) seen.set(text, utterance);
  }
  return [...seen.values()];
}
