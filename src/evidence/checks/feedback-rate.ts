// Do people rate both models as often? A model whose unhappy users stay silent looks better than it is.

import { speakable } from "../claims.ts";
import { logEValue } from "../e-value.ts";
import { type Estimate, estimate, type Stratum } from "../estimate.ts";
import { percent } from "../figures.ts";
import type { Check } from "./check.ts";

/** What the check is called. */
export const FEEDBACK_RATE = "feedback rate";

const THREE_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 }); // to make one costs more than a look

export interface LeeBounds {
  /** By how much fewer of the challenger's answers are rated, relative to the champion's; 0 when more are. */
  fewer: number;
  /** By how much fewer of the champion's answers are rated, relative to the challenger's; 0 when more are. */
  more: number;
  /** The champion's approval, had it lost as large a share of its ratings, and all of them thumbs down. */
  championAtBest: number;
  /** The challenger's approval without the share of its ratings that the champion lacks, if all of those were thumbs up. */
  challengerAtWorst: number;
}

/**
 * Lee's bounds (Review of Economic Studies 76, 2009) for ratings that not everybody gives: q = 1 − r_T/r_C where the challenger is
 * rated less often, then p_T must beat min(1, p_C/(1−q)); q' = 1 − r_C/r_T where it is rated more often, then (p_T−q')/(1−q') must beat
 * p_C. Approvals `p` and rates `r` of champion and challenger; rates are above 0.
 */
export function leeBounds(p: { champion: number; challenger: number }, r: typeof p): LeeBounds {
  const fewer = Math.max(0, 1 - r.challenger / r.champion);
  const more = Math.max(0, 1 - r.champion / r.challenger);
  return {
    fewer,
    more,
    championAtBest: Math.min(1, p.champion / (1 - fewer)),
    challengerAtWorst: (p.challenger - more) / (1 - more),
  };
}

/** Chance that silence, or zeal, on one side alone promotes a challenger without anybody's consent, over all looks. */
const ALPHA = 0.05;

/**
 * The check of ratings that are thumbs, at scale `phi` of approval. Put otherwise, Lee's bounds ask for more thumbs up for each answer
 * where fewer were rated (p·r), and for fewer thumbs down for each answer where more were ((1−p)·r). As estimated they block. As
 * estimates they are also passed by chance, at every other look where silence alone made the lead: what it can do to approval shows
 * about twice as strongly, in standard errors, as the silence itself (.8·q against a spread of .4 at .80, q against a spread of 1), so
 * that no number of looks at the rates would find it out in time. Therefore both must be shown, by e-values; until they are, a person is
 * asked. Where every answer is rated that costs nothing, and where few are, up to 1/(1−p) times as many ratings.
 */
export function checkFeedbackRate(approval: readonly Stratum[], rated: readonly Stratum[], phi: number): Check {
  const name = FEEDBACK_RATE;
  const p = estimate(approval, "binary");
  const r = estimate(rated, "number");
  if (p === null || r === null || r.championRate <= 0 || r.challengerRate <= 0) {
    const words = "too few ratings to compare how often people rate";
    // Nothing can be promoted on them either.
    return { name, passed: true, told: "not checked", acts: "blocks", alarm: false, words, numbers: {} };
  }
  const rates = { champion: r.championRate, challenger: r.challengerRate };
  const bounds = leeBounds({ champion: p.championRate, challenger: p.challengerRate }, rates);
  const withstands =
    bounds.fewer > 0
      ? p.challengerRate > bounds.championAtBest
      : bounds.more === 0 || bounds.challengerAtWorst > p.championRate;
  const { logEUp, logEDown } = perAnswer(p, r, phi);
  const nobodySilent = r.difference === 0 && r.variance === 0; // every answer rated: the verdict itself says all there is
  const shown = nobodySilent || Math.min(logEUp ?? -Infinity, logEDown ?? -Infinity) >= -Math.log(ALPHA);
  const numbers = { championRate: rates.champion, challengerRate: rates.challenger, ...bounds, logEUp, logEDown };
  if (p.difference <= 0) {
    const words = "the challenger does not lead"; // and cannot be promoted: there is nothing that silence could have made
    return { name, passed: true, told: "not asked", acts: "blocks", alarm: false, words, numbers };
  }
  return {
    name,
    passed: withstands && shown,
    ...(withstands && !shown ? { told: "not shown yet" as const } : {}),
    acts: withstands ? "asks" : "blocks",
    alarm: false,
    words: !withstands ? wordsOfFailure(rates, bounds) : shown ? found(rates) : wordsOfDoubt(p, rates),
    numbers,
  };
}

/**
 * How strongly it is shown that the challenger gets more thumbs up, and fewer thumbs down, for each answer: natural logarithms of
 * e-values of both differences, in approval at the champion's rate of rating. How happy people are and how often they rate are taken as
 * uncorrelated estimates.
 */
function perAnswer(p: Estimate, r: Estimate, phi: number): { logEUp: number | null; logEDown: number | null } {
  const ratio = r.challengerRate / r.championRate;
  const ofRatio = r.challengerVariance / r.challengerRate ** 2 + r.championVariance / r.championRate ** 2;
  const ofApproval = Math.max(p.variance, p.nullVariance) * Math.max(1, ratio ** 2);
  const logE = (more: number, share: number) => {
    const variance = ofApproval + share ** 2 * ofRatio;
    return speakable(more, variance, phi) ? logEValue(more, variance, phi) : null;
  };
  const up = p.challengerRate * ratio;
  const down = (1 - p.challengerRate) * ratio;
  return { logEUp: logE(up - p.championRate, up), logEDown: logE(1 - p.championRate - down, down) };
}

interface Rates {
  champion: number;
  challenger: number;
}

function found(r: Rates): string {
  return `there are ${perHundred(r.challenger)} ratings for 100 answers of the challenger, and ${perHundred(r.champion)} for 100 of the champion`;
}

function wordsOfDoubt(p: Estimate, r: Rates): string {
  const up = `${perHundred(p.challengerRate * r.challenger)} against ${perHundred(p.championRate * r.champion)}`;
  const down = `${perHundred((1 - p.challengerRate) * r.challenger)} against ${perHundred((1 - p.championRate) * r.champion)}`;
  return `${howOften(r)}. If the silent ones are unhappy, its lead could be nothing but silence: what was said of 100 answers of each (thumbs up ${up}, thumbs down ${down}) does not rule it out yet. Check that the thumb of both is as easy to reach, and that nothing else has changed in who rates. If so, approve it; else wait: more answers will tell`;
}

function wordsOfFailure(r: Rates, { fewer, championAtBest, challengerAtWorst }: LeeBounds): string {
  return fewer > 0
    ? `${howOften(r)}. If the silent ones were unhappy, its lead could be nothing but silence: had the champion lost as many, its approval would have been ${percent(championAtBest)}. Check that its thumb is as easy to reach`
    : `${howOften(r)}. If those who rate more are the happy ones, its lead could be nothing but zeal: without them its approval would be ${percent(Math.max(0, challengerAtWorst))} at most. See what makes people rate it more often`;
}

/** From a tenth more or less on it is said in words which model is rated less; figures follow in any case. */
function howOften(r: Rates): string {
  const ratio = r.challenger / r.champion;
  const figures = `${perHundred(r.challenger)} ratings for 100 answers of the challenger, and ${perHundred(r.champion)} for 100 of the champion`;
  if (ratio > 0.45 && ratio < 0.55) return `only half as many people rate the challenger (${figures})`;
  if (ratio < 0.9) return `fewer people rate the challenger (${figures})`;
  return ratio > 1.1 ? `more people rate the challenger (${figures})` : `there are ${figures}`;
}

function perHundred(rate: number): string {
  return THREE_DIGITS.format(rate * 100);
}
