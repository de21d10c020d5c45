// How varied a training set is, in figures that can be compared from snapshot to snapshot: a model that feeds on itself narrows.

export interface Diversity {
  /** How many answers `distinct_2` is of. */
  readonly sampled: number;
  /** Of the pairs of neighbouring words in the sampled answers, how many are different (Li and others 2016); null of no pair. */
  readonly distinct_2: number | null;
  readonly people: number;
  readonly actions: number;
  /** As many actions, all equally frequent, would be as varied: the exponential of the entropy (Hill 1973). */
  readonly effective_actions: number;
}

/** The figure falls with the number of answers, so that all snapshots are judged by as many. */
export const SAMPLE = 1000;

/** Rounded to four places: the last digits of a logarithm are the machine's. */
export function diversityOf(
  answers: readonly string[],
  people: number,
  examplesByAction: readonly number[],
): Diversity {
  const all = examplesByAction.reduce((sum, count) => sum + count, 0);
  const entropy = examplesByAction.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / all) * Math.log(count / all)),
    0,
  );
  return {
    sampled: answers.length,
    distinct_2: distinctPairs(answers),
    people,
    actions: examplesByAction.filter((count) => count > 0).length,
    effective_actions: all === 0 ? 0 : rounded(Math.exp(entropy)),
  };
}

function distinctPairs(answers: readonly string[]): number | null {
  const different = new Set<string>();
  let pairs = 0;
  for (const answer of answers) {
    const words = answer.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    for (let index = 1; index < words.length; index++) different.add(`${words[index - 1]} ${words[index]}`);
    pairs += Math.max(0, words.length - 1);
  }
  return pairs === 0 ? null : rounded(different.size / pairs);
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
