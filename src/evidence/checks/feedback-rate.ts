// Do people rate both models as often? A model whose unhappy users stay silent looks better than it is.

import { estimate, type Stratum } from "../estimate.ts";
import { percent } from "../figures.ts";
import type { Check } from "./check.ts";

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

/**
 * The check of ratings that are thumbs. It goes by the rates as they are estimated, as the method says, and does not wait until they
 * are seen to differ, though with few answers q is above 0 half the time by chance. Two reasons. Put otherwise, it asks for more thumbs
 * up for each answer where fewer were rated (p·r), and for fewer thumbs down for each answer where more were ((1−p)·r): a fair question
 * at any size. And what silence can do to approval shows about twice as strongly, in standard errors, as the silence itself (.8·q
 * against a spread of .4 at .80, q against a spread of 1), so a check that waited would come after the promotion. What chance costs here
 * is time, and less of it with every answer.
 */
export function checkFeedbackRate(approval: readonly Stratum[], rated: readonly Stratum[]): Check {
  const name = "feedback rate";
  const p = estimate(approval, "binary");
  const r = estimate(rated, "number");
  if (p === null || r === null || r.championRate <= 0 || r.challengerRate <= 0) {
    const words = "too few ratings to compare how often people rate";
    return { name, passed: true, acts: "blocks", alarm: false, words, numbers: {} }; // nothing can be promoted on them either
  }
  const rates = { champion: r.championRate, challenger: r.challengerRate };
  const bounds = leeBounds({ champion: p.championRate, challenger: p.challengerRate }, rates);
  const passed =
    bounds.fewer > 0
      ? p.challengerRate > bounds.championAtBest
      : bounds.more === 0 || bounds.challengerAtWorst > p.championRate;
  return {
    name,
    passed,
    acts: "blocks",
    alarm: false,
    words: wordsOf(rates, bounds, passed),
    numbers: { championRate: rates.champion, challengerRate: rates.challenger, ...bounds },
  };
}

function wordsOf(r: { champion: number; challenger: number }, bounds: LeeBounds, passed: boolean): string {
  const found = `there are ${perHundred(r.challenger)} ratings for 100 answers of the challenger, and ${perHundred(r.champion)} for 100 of the champion`;
  if (passed) return found;
  return bounds.fewer > 0
    ? `${found}; if those who kept silent were the unhappy ones, the champion would have had an approval of ${percent(bounds.championAtBest)} in its place; see whether the challenger's answers can be rated as easily`
    : `${found}; if those who rated more were the happy ones, the challenger would have an approval of no more than ${percent(Math.max(0, bounds.challengerAtWorst))}; see what makes people rate the challenger more often`;
}

function perHundred(rate: number): string {
  return THREE_DIGITS.format(rate * 100);
}
