// A verdict in words, with the numbers, for people who do not know statistics: what the challenger did, how sure that is, what is
// missing, and what happens next.

import { inWords } from "../domain/duration.ts";
import type { Check } from "./checks/check.ts";
import { FEEDBACK_RATE } from "./checks/feedback-rate.ts";
import { amountOf, capital, decimal, differenceOf, namesOf, percent, signedPercent } from "./figures.ts";
import type { Forecast } from "./forecast.ts";
import type { Metric } from "./metric.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import { ERROR_RATES, primaryOf, type VerdictPolicy } from "./policy.ts";
import type { Reading } from "./reading.ts";
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
        `the challenger ${silent(facts) ? "looks better among those who rate" : "is better"}: ${inNumbers(judgement.numbers, metric)}`,
        `${silent(facts) ? "If both models are rated alike, a" : "A"} model that is no better gets this far in at most ${percent(alpha.promote)} of experiments`,
        `Allowing for luck, expect about ${differenceOf(metric.key, judgement.numbers.shrunkDifference)}`,
        ...(judgement.asks ? [`A person must agree to it: ${wordsOf(failed(facts.checks))}`] : []),
      ];
    case "harm":
      return [
        `the challenger is worse: ${inNumbers(judgement.numbers, metric, "upper")}`,
        `A model that is no worse is rejected in at most ${percent(alpha.harm)} of experiments`,
        "The challenger leaves, and the champion answers everybody",
      ];
    case "guardrail":
      return [
        `the challenger does harm: ${wordsOf(failed(facts.checks).filter(({ acts }) => acts === "rejects"))}`,
        "A model that is no worse in any guardrail is rejected for one in at most 5 % of experiments",
        ...(judgement.numbers === null ? [] : [`Besides: ${inNumbers(judgement.numbers, metric)}`]),
        "The challenger leaves, and the champion answers everybody",
      ];
    case "futile":
      return [
        `the wanted lift of ${signedPercent(policy.minLift)} is out of reach: ${inNumbers(judgement.numbers, metric, "upper")}`,
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

/** Whether the lead may be that of those who do not rate: nothing then is sure but what those who rate have said. */
function silent({ checks }: VerdictFacts): boolean {
  return checks.some(({ name, passed }) => name === FEEDBACK_RATE && !passed);
}

function atTheEnd(held: Hold, told: Told): string[] {
  const [first = "", ...rest] = holding(held, { ...told, expected: null });
  return [`At the end: ${first}`, ...rest];
}

function holding(hold: Hold, told: Told): string[] {
  const { facts, policy, metric } = told;
  switch (hold.because) {
    case "invalid":
      return [`the evidence cannot be judged: ${hold.fault}`];
    case "nothing_to_compare":
      return [`nothing to compare yet: each model needs ${namesOf(metric.key).values} from at least two users`];
    case "too_few":
      return [
        `too few ${namesOf(metric.key).values} to judge by: ${shortages(hold.numbers, metric)}${ahead(told)}`,
        capital(`so far ${inNumbers(hold.numbers, metric)}`),
      ];
    case "undecided":
      return undecided(hold.numbers, told);
    case "no_spread":
      return [
        "the challenger cannot be called better: on one side everybody's values are alike, and without differences nobody can say how sure this is",
        ...(hold.numbers === null ? [] : [capital(inNumbers(hold.numbers, metric))]),
        `See whether ${namesOf(metric.key).values} arrive as they should, or promote it yourself`,
      ];
    case "check_failed": {
      const looks = isBetter(hold.numbers, policy)
        ? "the challenger looks better"
        : `the wanted lift of ${signedPercent(policy.minLift)} looks out of reach`;
      return [`${looks}, but ${inSum(obstacles(facts.checks))}`, capital(inNumbers(hold.numbers, metric))];
    }
    case "too_early":
      return [
        `the challenger looks better, but nothing is promoted before ${inWords(policy.minDuration)} (${inWords(facts.elapsed)} so far)`,
        capital(inNumbers(hold.numbers, metric)),
      ];
    default:
      return hold satisfies never;
  }
}

function undecided(numbers: Reading, told: Told): string[] {
  const { policy, metric, facts } = told;
  const standing =
    numbers.difference > 0 ? "looks better" : numbers.difference < 0 ? "looks worse" : "is as good as the champion";
  const besides = obstacles(facts.checks);
  const why =
    numbers.lower > 0
      ? `the challenger is better, but by less than the wanted lift of ${signedPercent(policy.minLift)}`
      : `the challenger ${standing}, but the difference may still be chance: a promotion needs a lower bound above 0`;
  return [
    `${liftOf(numbers)}, lower bound ${bound(numbers.lower, metric)}${ahead(told)}`,
    `${capital(why)} (${amounts(numbers, metric)})`,
    ...(besides.length === 0 ? [] : [`Besides, ${inSum(besides)}`]),
  ];
}

/** "; about 3 more days at this traffic", and what is to be expected then. */
function ahead({ expected, policy, facts, metric }: Told): string {
  if (expected === null) return "";
  const { kind, after, inTime } = expected;
  const time = `about ${moreOf(after)} at this traffic`;
  if (!inTime) {
    const left = inWords(Math.max(0, policy.maxDuration - facts.elapsed));
    return `; a verdict would take ${time}, more than maxDuration allows (${left} left): it can be extended, or its share raised the next time`;
  }
  if (kind === "promote") return `; ${time}`;
  const end =
    kind === "reject"
      ? "a rejection, if it goes on like this"
      : `a stop, if it goes on like this: below the wanted lift of ${signedPercent(policy.minLift)} in ${namesOf(metric.key).name}`;
  return `; ${time} until ${end}`;
}

/** Whole days from two on, else whole hours: no forecast is better than that. */
function moreOf(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours >= 48) return `${decimal(Math.ceil(hours / 24))} more days`;
  return hours <= 1 ? "one more hour" : `${decimal(Math.ceil(hours))} more hours`;
}

function failed(checks: readonly Check[]): Check[] {
  return checks.filter((check) => !check.passed);
}

/** Those that stand in the way now; what a person may be asked at the end is no news before, unless it alarms. */
function obstacles(checks: readonly Check[]): Check[] {
  return failed(checks).filter(({ acts, alarm }) => acts !== "asks" || alarm);
}

function inSum(found: readonly Check[]): string {
  return `${found.length === 1 ? "a check has" : `${found.length} checks have`} not passed: ${wordsOf(found)}`;
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

/** The numbers of a reading on one line, with the bound that the sentence is about. */
function inNumbers(numbers: Reading, metric: Metric, side: "lower" | "upper" = "lower"): string {
  const { name } = namesOf(metric.key);
  return [
    `${liftOf(numbers)} (${name} ${against(numbers, metric)})`,
    `${side} bound ${bound(numbers[side], metric)}`,
    counts(numbers, metric),
  ].join(", ");
}

function amounts(numbers: Reading, metric: Metric): string {
  return `${namesOf(metric.key).name} ${against(numbers, metric)}, ${counts(numbers, metric)}`;
}

function liftOf({ lift }: Reading): string {
  return lift === null ? "no lift can be given on a value of 0" : `lift ${signedPercent(lift)}`;
}

/** Bounds count in the better direction, as lifts do: above 0 is an improvement. */
function bound(difference: number, metric: Metric): string {
  return differenceOf(metric.key, difference);
}

function against({ challengerRate, championRate }: Reading, { key, better }: Metric): string {
  const values = `${amountOf(key, challengerRate)} against ${amountOf(key, championRate)}`;
  return better === "higher" ? values : `${values}, where lower is better`;
}

function counts({ users, ratings }: Reading, metric: Metric): string {
  return `${decimal(ratings.challenger)} ${namesOf(metric.key).values} from ${decimal(users.challenger)} users against ${decimal(ratings.champion)} from ${decimal(users.champion)}`;
}
