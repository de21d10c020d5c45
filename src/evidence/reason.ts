// A verdict in words, with the numbers, for people who do not know statistics.

import { inWords } from "../domain/duration.ts";
import type { Reading } from "./reading.ts";
import type { VerdictFacts, VerdictPolicy } from "./rule.ts";
import { ERROR_RATES, type Hold, type Judgement, MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./rule.ts";

const ONE_DECIMAL = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** Why the judgement is as it is: its kind, a plain sentence, and the numbers behind it. */
export function reasonFor(judgement: Judgement, facts: VerdictFacts, policy: VerdictPolicy): string {
  return `${judgement.kind}: ${sentences(judgement, facts, policy)}.`;
}

function sentences(judgement: Judgement, facts: VerdictFacts, policy: VerdictPolicy): string {
  const alpha = policy.alpha ?? ERROR_RATES;
  if (judgement.kind === "hold") return holding(judgement, facts, policy);
  switch (judgement.because) {
    case "better":
      return [
        `the challenger is better: ${inNumbers(judgement.numbers)}`,
        `A model that is no better gets this far in at most ${percent(alpha.promote)} of experiments`,
        `Allowing for luck, expect about ${points(judgement.numbers.shrunkDifference)}`,
      ].join(". ");
    case "harm":
      return [
        `the challenger is worse: ${inNumbers(judgement.numbers, "upper")}`,
        `A model that is no worse is rejected in at most ${percent(alpha.harm)} of experiments`,
      ].join(". ");
    case "futile":
      return `the wanted lift of ${signed(policy.minLift)} is out of reach: ${inNumbers(judgement.numbers, "upper")}`;
    case "out_of_time":
      return [
        `out of time after ${inWords(facts.elapsed)} without an answer, so the champion stays`,
        `At the end: ${holding(judgement.held, facts, policy)}`,
      ].join(". ");
    default:
      return judgement satisfies never;
  }
}

function holding(hold: Hold, facts: VerdictFacts, policy: VerdictPolicy): string {
  switch (hold.because) {
    case "invalid":
      return `the evidence cannot be judged: ${hold.fault}`;
    case "nothing_to_compare":
      return "nothing to compare yet: each model needs ratings from at least two users";
    case "too_few":
      return `too few ratings to judge by (${shortages(hold.numbers)}): ${inNumbers(hold.numbers)}`;
    case "undecided":
      return undecided(hold.numbers, facts, policy);
    case "no_spread":
      return [
        "the challenger looks better, but on one side everybody rates alike, and without differences nobody can say how sure this is",
        `${capital(inNumbers(hold.numbers))}. See whether ratings arrive as they should, or promote it yourself`,
      ].join(". ");
    case "check_failed":
      return `the challenger looks better, but ${failedChecks(facts)}. ${capital(inNumbers(hold.numbers))}`;
    case "too_early":
      return [
        `the challenger looks better, but nothing is promoted before ${inWords(policy.minDuration)} (${inWords(facts.elapsed)} so far)`,
        capital(inNumbers(hold.numbers)),
      ].join(". ");
    default:
      return hold satisfies never;
  }
}

function undecided(numbers: Reading, facts: VerdictFacts, policy: VerdictPolicy): string {
  const proven = numbers.lower > 0;
  const why = proven
    ? `better, but by less than the wanted lift of ${signed(policy.minLift)}`
    : "the difference may still be chance (a promotion needs a lower bound above 0)";
  const failed = facts.checks.every((check) => check.passed) ? "" : `. Besides, ${failedChecks(facts)}`;
  return `${inNumbers(numbers)}: ${why}${failed}`;
}

function failedChecks({ checks }: VerdictFacts): string {
  const failed = checks.filter((check) => !check.passed).map((check) => `${check.name} (${check.words})`);
  return `${failed.length === 1 ? "a check" : `${failed.length} checks`} failed: ${failed.join(", ")}`;
}

function shortages({ users, ratings }: Reading): string {
  const wanted = [
    [users.challenger, MINIMUM_FOR_PROMOTION.users, "users with the challenger"],
    [ratings.challenger, MINIMUM_FOR_PROMOTION.ratings, "ratings of the challenger"],
    [users.champion, MINIMUM_FOR_HARM.users, "users with the champion"],
    [ratings.champion, MINIMUM_FOR_HARM.ratings, "ratings of the champion"],
  ] as const;
  const short = wanted.filter(([found, minimum]) => found < minimum);
  return short.map(([found, minimum, what]) => `${found} of ${minimum} ${what}`).join(", ");
}

/** The numbers of a reading on one line, with the bound that the sentence is about. */
function inNumbers(numbers: Reading, bound: "lower" | "upper" = "lower"): string {
  const { lift, users, ratings } = numbers;
  const change = lift === null ? "no lift can be given on a rate of 0" : `lift ${signed(lift)}`;
  return [
    `${change} (approval ${percent(numbers.challengerRate)} against ${percent(numbers.championRate)})`,
    `${bound} bound ${points(numbers[bound])}`,
    `${decimal(ratings.challenger)} ratings from ${decimal(users.challenger)} users against ${decimal(ratings.champion)} from ${decimal(users.champion)}`,
  ].join(", ");
}

/** A share in percent, as "5 %" or "80.9 %". */
export function percent(share: number): string {
  return `${decimal(share * 100)} %`;
}

/** A difference of shares in percentage points, with its sign, as "−0.8 pp". */
export function points(difference: number): string {
  // A share is between 0 and 1: a bound beyond says no more than that.
  return `${signedDecimal(Math.max(-1, Math.min(1, difference)) * 100)} pp`;
}

function signed(share: number): string {
  return `${signedDecimal(share * 100)} %`;
}

function signedDecimal(value: number): string {
  return `${Math.round(value * 10) < 0 ? "−" : "+"}${decimal(Math.abs(value))}`;
}

function decimal(value: number): string {
  return ONE_DECIMAL.format(value);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
