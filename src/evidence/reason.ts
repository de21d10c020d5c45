// A verdict in words, with the numbers, for people who do not know statistics: what the challenger did, how sure that is, what is
// missing, and what happens next.

import { inWords } from "../domain/duration.ts";
import { type Check, inDoubt } from "./checks/check.ts";
import { FEEDBACK_RATE } from "./checks/feedback-rate.ts";
import { capital, decimal, differenceOf, lookAlike, namesOf, percent, sideBySide, signedPercent } from "./figures.ts";
import type { Forecast } from "./forecast.ts";
import type { Metric } from "./metric.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import { ERROR_RATES, primaryOf, type VerdictPolicy } from "./policy.ts";
import type { Reading } from "./reading.ts";
import { amounts, boundInWords, inNumbers, liftInWords } from "./reading-in-words.ts";
import type { Hold, Judgement, VerdictFacts } from "./rule.ts";

/** What the words are about, beside the judgement itself. */
interface Told {
  facts: VerdictFacts;
  policy: VerdictPolicy;
  metric: Metric;
  expected: Forecast | null;
}

/** Why the judgement is as it is: its kind, plain sentences, and the numbers behind them. */
export function reasonFor(
  judgement: Judgement,
  facts: VerdictFacts,
  policy: VerdictPolicy,
  expected: Forecast | null,
): string {
  const told = { facts, policy, metric: primaryOf(policy), expected };
  return `${judgement.kind}: ${sentences(judgement, told).join(". ")}.`;
}

function sentences(judgement: Judgement, told: Told): string[] {
  const { facts, policy, metric } = told;
  const alpha = policy.alpha ?? ERROR_RATES;
  if (judgement.kind === "hold") return [...holding(judgement, told), "Looks go on, and nothing changes until then"];
  switch (judgement.because) {
    case "better":
      return [
        `the challenger ${silent(facts) ? "looks better among those who rate" : "is better"}: ${inNumbers(judgement.numbers, metric, policy)}`,
        `${silent(facts) ? "If both models are rated alike, a" : "A"} model that is no better gets this far in at most ${percent(alpha.promote)} of experiments`,
        `Allowing for luck, expect about ${differenceOf(metric.key, judgement.numbers.shrunkDifference)}`,
        ...(judgement.asks
          ? [`A person must agree to it: ${wordsOf(failed(facts.checks))}. If you do: ratchet experiment approve`]
          : []),
      ];
    case "harm":
      return [
        `the challenger is worse: ${inNumbers(judgement.numbers, metric, policy, "upper")}`,
        `A model that is no worse is rejected in at most ${percent(alpha.harm)} of experiments`,
        "The challenger leaves, and the champion answers everybody",
      ];
    case "guardrail":
      return [
        `the challenger does harm: ${wordsOf(failed(facts.checks).filter(({ acts }) => acts === "rejects"))}`,
        "A model that is no worse in any guardrail is rejected for one in at most 5 % of experiments",
        ...(judgement.numbers === null ? [] : [`Besides: ${inNumbers(judgement.numbers, metric, policy)}`]),
        "The challenger leaves, and the champion answers everybody",
      ];
    case "futile":
      return [
        `the wanted lift is out of reach: ${atBest(judgement.numbers, policy)}`,
        `Measured: ${liftInWords(judgement.numbers, policy)} (${amounts(judgement.numbers, metric)})`,
        `A model that reaches it is stopped in at most ${percent(alpha.futile)} of experiments`,
        "The champion stays",
      ];
    case "out_of_time":
      return [
        `out of time after ${inWords(facts.elapsed)} without an answer, so the champion stays`,
        ...atTheEnd(judgement.held, told),
      ];
    default:
      return judgement satisfies never;
  }
}

/** By the bound that has decided, in the unit of the goal. */
function atBest({ liftAtMost }: Reading, { minLift }: VerdictPolicy): string {
  if (liftAtMost === null) return `${signedPercent(minLift)} is wanted`;
  const [best, wanted] = sideBySide(signedPercent, liftAtMost, minLift, 3);
  return `at best ${best}, and ${wanted} is wanted`;
}

/** Whether the lead may be that of those who do not rate: nothing then is sure but what those who rate have said. */
function silent({ checks }: VerdictFacts): boolean {
  return checks.some(({ name, passed }) => name === FEEDBACK_RATE && !passed);
}

function atTheEnd(held: Hold, told: Told): string[] {
  const [first = "", ...rest] = holding(held, { ...told, expected: null });
  return [`At the end: ${first}`, ...rest];
}

/** An alarm about the comparison comes first: what is said after it may be of nothing. */
function holding(hold: Hold, told: Told): string[] {
  const doubts = told.facts.checks.filter(inDoubt);
  const [first = "", ...rest] = withoutDoubts(hold, told);
  if (doubts.length === 0 || hold.because === "invalid" || hold.because === "check_failed") return [first, ...rest];
  const lead = `the comparison itself is in doubt: ${wordsOf(doubts)}; more ${namesOf(told.metric.key).values} will not mend this`;
  return [lead, capital(first), ...rest];
}

function withoutDoubts(hold: Hold, told: Told): string[] {
  const { facts, policy, metric } = told;
  switch (hold.because) {
    case "invalid":
      return [`the evidence cannot be judged: ${hold.fault}`];
    case "nothing_to_compare":
      return [`nothing to compare yet: each model needs ${namesOf(metric.key).values} from at least two users`];
    case "too_few":
      return [
        `too few ${namesOf(metric.key).values} to judge by: ${shortages(hold.numbers, metric)}${ahead(told)}`,
        capital(`so far ${inNumbers(hold.numbers, metric, policy)}`),
        ...ending(told),
        ...besides(obstacles(facts.checks).filter(({ told: how }) => how !== "not shown yet")),
      ];
    case "undecided":
      return undecided(hold.numbers, told);
    case "no_spread":
      return [
        "the challenger cannot be called better: on one side everybody's values are alike, and without differences nobody can say how sure this is",
        ...(hold.numbers === null ? [] : [capital(inNumbers(hold.numbers, metric, policy))]),
        `See whether ${namesOf(metric.key).values} arrive as they should, or promote it yourself`,
      ];
    case "check_failed": {
      const looks = isBetter(hold.numbers, policy)
        ? "the challenger looks better"
        : `the wanted lift of ${signedPercent(policy.minLift)} looks out of reach`;
      return [
        `${looks}, but ${inSum(obstacles(facts.checks))}${ahead(told)}`,
        capital(inNumbers(hold.numbers, metric, policy)),
      ];
    }
    case "too_early":
      return [
        `the challenger looks better, but nothing is ${policy.aa === true ? "concluded" : "promoted"} before ${inWords(policy.minDuration)} (${inWords(facts.elapsed)} so far)`,
        capital(inNumbers(hold.numbers, metric, policy)),
      ];
    default:
      return hold satisfies never;
  }
}

function undecided(numbers: Reading, told: Told): string[] {
  const { policy, metric, facts } = told;
  return [
    `${liftInWords(numbers, policy)}, ${boundInWords(numbers.lower, metric, "lower")}${ahead(told)}`,
    `${capital(standing(numbers, told))} (${amounts(numbers, metric)})`,
    ...ending(told),
    ...besides(obstacles(facts.checks).filter((check) => !inDoubt(check))),
  ];
}

/** What is seen so far, and what is missing to a promotion; an A/A experiment has none. */
function standing(numbers: Reading, { policy, metric, expected }: Told): string {
  if (numbers.lower > 0)
    return `the challenger is better, but by less than the wanted lift of ${signedPercent(policy.minLift)}`;
  if (lookAlike(metric.key, numbers.challengerRate, numbers.championRate)) return "there is no difference to speak of";
  if (numbers.difference > 0)
    return `the challenger looks better, but the difference may still be chance${policy.aa === true ? "" : ": a promotion needs a lower bound above 0"}`;
  return expected?.kind === "reject"
    ? "it looks worse than the champion, though that may still be chance"
    : "it looks no better than the champion";
}

function besides(found: readonly Check[]): string[] {
  return found.length === 0 ? [] : [`Besides, ${inSum(found)}`];
}

/** "; about 3 more days at this traffic", where that is until a promotion, or too long. */
function ahead({ expected, policy, facts }: Told): string {
  if (expected === null || policy.aa === true) return "";
  const { kind, after, inTime } = expected;
  const { time, one } = timeOf(after);
  const more = `about ${one ? `one more ${time.split(" ")[1]}` : time.replace(" ", " more ")} at this traffic`;
  if (!inTime) {
    const left = inWords(Math.max(0, policy.maxDuration - facts.elapsed));
    return `; a verdict would take ${more}, more than maxDuration allows (${left} left): it can be extended, or its share raised the next time`;
  }
  return kind === "promote" ? `; ${more}` : "";
}

/** How it will end if it goes on like this, where that is not a promotion. */
function ending({ expected, policy }: Told): string[] {
  if (expected === null || !expected.inTime || expected.kind === "promote" || policy.aa === true) return [];
  const { time, one } = timeOf(expected.after);
  const when = `in about ${one ? `an ${time.split(" ")[1]}` : time}`;
  return expected.kind === "reject"
    ? [`If this goes on, it will be rejected ${when}`]
    : [`If this goes on, it will be stopped ${when} for not reaching ${signedPercent(policy.minLift)}`];
}

/** Whole days from two on, else whole hours: no forecast is better than that. */
function timeOf(milliseconds: number): { time: string; one: boolean } {
  const hours = milliseconds / 3_600_000;
  if (hours >= 48) return { time: `${decimal(Math.ceil(hours / 24))} days`, one: false };
  return hours <= 1 ? { time: "1 hour", one: true } : { time: `${decimal(Math.ceil(hours))} hours`, one: false };
}

function failed(checks: readonly Check[]): Check[] {
  return checks.filter((check) => !check.passed);
}

/** Those that stand in the way now; what a person may be asked at the end is no news before, unless it alarms. */
function obstacles(checks: readonly Check[]): Check[] {
  return failed(checks).filter(({ acts, alarm }) => acts !== "asks" || alarm);
}

function inSum(found: readonly Check[]): string {
  const waiting = found.filter(({ told }) => told === "not shown yet");
  const wrong = found.filter((check) => !waiting.includes(check));
  return [
    ...(wrong.length === 0
      ? []
      : [`${wrong.length === 1 ? "a check has" : `${wrong.length} checks have`} not passed: ${wordsOf(wrong)}`]),
    ...(waiting.length === 0
      ? []
      : [`${waiting.length === 1 ? "a check is" : `${waiting.length} checks are`} not shown yet: ${wordsOf(waiting)}`]),
  ].join("; and ");
}

function wordsOf(checks: readonly Check[]): string {
  return checks.map(({ name, words }) => `${name} (${words})`).join(", ");
}

function isBetter({ lift, lower }: Reading, { minLift }: VerdictPolicy): boolean {
  return lower > 0 && (lift ?? Infinity) >= minLift;
}

function shortages({ users, ratings }: Reading, metric: Metric): string {
  const { values } = namesOf(metric.key);
  const wanted = [
    [users.challenger, MINIMUM_FOR_PROMOTION.users, "users with the challenger"],
    [ratings.challenger, MINIMUM_FOR_PROMOTION.ratings, `${values} of the challenger`],
    [users.champion, MINIMUM_FOR_HARM.users, "users with the champion"],
    [ratings.champion, MINIMUM_FOR_HARM.ratings, `${values} of the champion`],
  ] as const;
  const short = wanted.filter(([found, minimum]) => found < minimum);
  return short.map(([found, minimum, what]) => `${found} of ${minimum} ${what}`).join(", ");
}
