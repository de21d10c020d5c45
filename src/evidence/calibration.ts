// What the experiments of the champion with itself say about all the others: are verdicts as seldom wrong as they promise?

import { counted, percent } from "./figures.ts";
import { ERROR_RATES } from "./policy.ts";

/** How A/A experiments ended. Those that were cut short are none of `finished`, for they show nothing. */
export interface AaCounts {
  finished: number;
  /** Would have promoted the champion over itself, by itself or with a person's consent. */
  promoted: number;
  /** Of these, how many would have asked a person. */
  asked: number;
  /** Found the champion to do harm to itself: in the primary metric, and in a guardrail. */
  harmful: number;
  guardrail: number;
  futile: number;
  outOfTime: number;
  cutShort: number;
}

export interface Calibration {
  /** The highest true rate of false promotions, by themselves, that such a count is still likely to come from (95 %); 1 without any. */
  atMost: number;
  /** Whether chance at the promised rates explains the count of false promotions, by themselves, and that of harm. */
  explained: boolean;
  words: string;
}

/** A count that chance at the promised rate would reach more rarely than this is not put down to chance. */
const TOO_RARE = 0.01;

/** Holds the counts to the promised rates (`ERROR_RATES`), by the binomial distribution. */
export function calibrationOf({ finished, promoted, asked, harmful }: AaCounts): Calibration {
  if (finished === 0)
    return { atMost: 1, explained: true, words: "no experiment of the champion with itself has come to its end yet" };
  const alone = promoted - asked;
  const atMost = highestRate(alone, finished);
  const explained =
    atLeast(alone, finished, ERROR_RATES.promote) >= TOO_RARE &&
    atLeast(harmful, finished, ERROR_RATES.harm) >= TOO_RARE;
  const found = `of ${counted(finished, "experiment")} of the champion with itself ${alone === 0 ? "none" : alone} would have promoted it, and ${harmful === 0 ? "none" : harmful} found harm; chance does each in up to ${percent(ERROR_RATES.promote)}`;
  return {
    atMost,
    explained,
    words: explained
      ? `${found}. Nothing speaks against that: false promotions are surely fewer than ${percent(atMost)}${finished < ENOUGH ? ", which more experiments will narrow" : ""}`
      : `${found}. That is more than chance explains: trust no verdict until it is found out why. See which checks raised an alarm, whether all of a person's requests carry the same user id, and whether one model's answers are rated differently`,
  };
}

/** From so many on, none wrong means surely fewer than the promised 5 %. */
const ENOUGH = 59;

/** The chance of `count` or more of `of`, when each comes with this chance. */
export function atLeast(count: number, of: number, chance: number): number {
  let term = (1 - chance) ** of; // of none
  let fewer = 0;
  for (let k = 0; k < count; k++) {
    fewer += term;
    term *= ((of - k) / (k + 1)) * (chance / (1 - chance));
  }
  return Math.max(0, 1 - fewer);
}

/** Clopper and Pearson's upper bound at 95 %: the chance at which `count` or fewer of `of` would come in only 5 %. */
function highestRate(count: number, of: number): number {
  if (count >= of) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (1 - atLeast(count + 1, of, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}
