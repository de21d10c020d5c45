// What the experiments of the champion with itself say about all the others: are verdicts as seldom wrong as they promise?

import { counted, percent } from "./figures.ts";

/** How A/A experiments ended. */
export interface AaCounts {
  /** All that are over, those that were cut short too: a promise about all looks together holds for some of them. */
  ended: number;
  /** Of these, the ones that went on for long enough, with people enough, to promote: only they can show how seldom that happens. */
  decided: number;
  /** Would have promoted the champion over itself, by itself or with a person's consent. */
  promoted: number;
  /** Of these, how many would have asked a person. */
  asked: number;
  /** Found that the champion does harm to itself: in the primary metric, and in a guardrail. */
  harmful: number;
  guardrail: number;
  futile: number;
  outOfTime: number;
  cutShort: number;
}

export interface Calibration {
  /** False promotions are surely (95 %, however often this is asked) fewer than this share of the experiments; 1 when nothing is known. */
  atMost: number;
  /** Whether chance at the promised rates explains how many were promoted, and how many found harm or a guardrail that failed. */
  explained: boolean;
  words: string;
}

/** What is promised of identical models: promoted, harmful, and harmful by a guardrail, each in at most so many experiments. */
const PROMISED = 0.05;
/** A bound above this tells nobody anything. */
const TELLING = 0.3;
/** With so many promoted that it would take more of them, something else is wrong. */
const MOST_NEEDED = 10_000;
/** All three together cry wolf in at most one loop of twenty, however often they are asked. */
const TOO_STRONG = Math.log(3 / 0.05);

/** Holds the counts to what is promised. */
export function calibrationOf({ ended, decided, promoted, harmful, guardrail }: AaCounts): Calibration {
  const atMost = decided === 0 ? 1 : highestRate(promoted, decided);
  if (ended === 0) return { atMost, explained: true, words: "no experiment of the champion with itself is over yet" };
  const wrong = [promoted, harmful, guardrail].map((count) => logEMore(count, ended, PROMISED));
  const explained = Math.max(...wrong) < TOO_STRONG;
  const some = (count: number) => (count === 0 ? "none" : String(count));
  const found = `of ${counted(ended, "experiment")} of the champion with itself ${some(promoted)} would have promoted it, ${some(harmful)} found harm, and ${some(guardrail)} a guardrail that failed; chance does each in up to ${percent(PROMISED)}`;
  if (!explained)
    return {
      atMost,
      explained,
      words: `${found}. That is more than chance explains: trust no verdict until it is found out why. See which checks raised an alarm, whether all of a person's requests carry the same user id, and whether both models' answers are shown, and rated, in the same way`,
    };
  const shown =
    decided === 0
      ? `None of them ran long enough, with people enough, to count (to minDuration, with what a promotion needs): nothing is known yet, and about ${needed(promoted)} are needed`
      : `${decided} of them ran long enough, with people enough, to count: ${atMost > TELLING ? `too few to say how seldom that happens, and about ${needed(promoted)} are needed` : `false promotions are surely fewer than ${percent(atMost)}${atMost > PROMISED ? ", which more experiments will narrow" : ""}`}`;
  return { atMost, explained, words: `${found}. Nothing speaks against that. ${shown}` };
}

/**
 * Natural logarithm of an e-value for "more often than `rate`", when `count` of `of` were so: large when it is. The likelihood ratio to
 * `rate` of a rate that is evenly spread above it, in closed form by the binomial distribution. As all e-values it may be asked after each.
 */
export function logEMore(count: number, of: number, rate: number): number {
  const tail = 1 - atLeast(count + 1, of + 1, rate);
  return Math.log(tail) - Math.log((of + 1) * (1 - rate)) - logChance(count, of, rate);
}

/** The same for "less often than `rate`". */
export function logELess(count: number, of: number, rate: number): number {
  return Math.log(atLeast(count + 1, of + 1, rate)) - Math.log((of + 1) * rate) - logChance(count, of, rate);
}

/** The lowest rate that is surely too high, at 95 %; 1 when none is. */
function highestRate(count: number, of: number): number {
  if (count >= of) return 1;
  let [low, high] = [count / of, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (logELess(count, of, middle) < Math.log(20)) low = middle;
    else high = middle;
  }
  return high;
}

/** How many must count before so many false promotions say anything. */
function needed(promoted: number): number {
  let of = promoted + 1;
  while (highestRate(promoted, of) > TELLING && of < MOST_NEEDED) of += 1;
  return of;
}

/** The chance that `count` or more of `of` are so, when each is with this chance. */
export function atLeast(count: number, of: number, chance: number): number {
  let fewer = 0;
  for (let k = 0; k < Math.min(count, of + 1); k++) fewer += Math.exp(logChance(k, of, chance));
  return Math.min(1, Math.max(Number.MIN_VALUE, 1 - fewer));
}

/** ln of the binomial chance of exactly `count` of `of`. */
function logChance(count: number, of: number, chance: number): number {
  let ways = 0;
  for (let k = 1; k <= count; k++) ways += Math.log((of - count + k) / k);
  return ways + count * Math.log(chance) + (of - count) * Math.log1p(-chance);
}
