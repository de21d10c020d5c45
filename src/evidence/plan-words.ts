// A plan in words, for people who do not know statistics: what comes in, what it can show in time, and what stands in the way.

import { RATINGS_PER_UNIT } from "../domain/experiment.ts";
import { amountOf, differenceOf, namesOf, percent } from "./figures.ts";
import { APPROVAL, mostPerUnit, signOf } from "./metric.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import type { Unmeasured } from "./outlook.ts";
import type { Course, ExperimentPlan } from "./plan.ts";
import { about, decimal, lift, span, times, way } from "./plan-figures.ts";
import type { PlannedGuardrail } from "./plan-guardrails.ts";
import { planNamesOf } from "./plan-names.ts";
import { planWarnings } from "./plan-warnings.ts";

export interface PlanWords {
  /** What each line is about, in a word or two, and the line. */
  lines: { about: string; words: string }[];
  /** What keeps an experiment from an answer in time, and what to do about it. */
  warnings: string[];
}

/** The loop's experiments that came to an end, and what they promoted: on the evidence, past it, and of both what was rolled back. */
export interface Past {
  finished: number;
  promoted: number;
  overridden: number;
  rolledBack: number;
}

/** The words of a plan; `past` are the loop's experiments so far. */
export function planWords(plan: ExperimentPlan, past: Past): PlanWords {
  const { question, own } = plan;
  const course = plan[own];
  const other = own === "fixed" ? plan.ramp : plan.fixed;
  return {
    lines: [
      { about: "traffic", words: trafficWords(plan) },
      { about: `in ${span(question.within)}`, words: `${way(course.phases)}, ${inTime(course, plan)}` },
      {
        about: `for ${lift(question.minLift)}`,
        words: `${way(course.phases)}, ${untilShown(course, plan)}${howDaysFollow(course, plan)}`,
      },
      { about: own === "fixed" ? "with a ramp" : "fixed share", words: comparison(other, plan) },
      { about: "promotion", words: [promotionWords(question.minLift), ...consentWords(plan)].join(". ") },
      ...plan.guardrails.map((guardrail) => guardrailLine(guardrail, course)),
      { about: "people", words: peopleWords(plan) },
      { about: "so far", words: pastWords(plan, past) },
    ],
    warnings: planWarnings(plan),
  };
}

function trafficWords(plan: ExperimentPlan): string {
  const { ratings, interactions, days, userDays } = plan.traffic;
  const names = planNamesOf(plan.question.metric.key);
  const read = `in the last ${span(days)}`;
  if (ratings === 0) return `${about(interactions)} answers ${read}, and no ${names.one} from a user on any of them`;
  const users = `about ${about(ratings / days)} ${names.values} a day from ${about(userDays / days)} users`;
  const rated = interactions > 0 ? `, ${percent(ratedShare(plan))} of the answers` : "";
  const liked = plan.unmeasured === null && plan.value !== null ? `, ${standing(plan, plan.value)}` : "";
  const { phases, challengerRatingsPerDay } = plan[plan.own];
  const met = `at ${percent(phases.at(-1)!.share)} the challenger gets about ${about(challengerRatingsPerDay)} of them`;
  return `${users} (${read}${rated}${liked}); ${met}`;
}

function standing({ question: { metric } }: ExperimentPlan, value: number): string {
  if (metric.key === APPROVAL.key) return `${percent(value)} thumbs up`;
  return `${amountOf(metric.key, value)} on average${metric.better === "lower" ? ", where lower is better" : ""}`;
}

/** How many answers of all have a value. */
function ratedShare({ traffic: { ratings, anonymous, interactions } }: ExperimentPlan): number {
  return Math.min(1, (ratings + anonymous) / interactions);
}

function inTime(course: Course, plan: ExperimentPlan): string {
  const { traffic, question, value } = plan;
  const { each } = planNamesOf(question.metric.key);
  if (traffic.ratings === 0) return `nothing can be shown without ${each}`;
  if (value === null) return `nothing can be said: ${whyUnmeasured(plan)[0]}`;
  if (!course.enough) {
    const { users, ratings } = MINIMUM_FOR_PROMOTION;
    return `the ${each} are too few to judge by: a promotion takes ${ratings} of the challenger, from ${users} users`;
  }
  const seen = question.minLift > 0 ? `; one of ${lift(question.minLift)} is seen ${times(course.chance)}` : "";
  if (course.smallestLift === null) return `no lift is shown for certain enough, however good the challenger is${seen}`;
  const amounts = question.metric.key === APPROVAL.key ? "" : ` (${fromTo(course, plan, value)})`;
  return `a true lift of ${lift(course.smallestLift)} or more${amounts} is shown (8 times in 10)${seen}`;
}

/** "from 3.4 to 2.7": of what is no share of thumbs, a lift alone says little. */
function fromTo({ smallestDifference }: Course, { question: { metric } }: ExperimentPlan, value: number): string {
  const better = value + signOf(metric) * (smallestDifference ?? 0);
  return `from ${amountOf(metric.key, value)} to ${amountOf(metric.key, better)}`;
}

function untilShown({ days, ratings, tooFewPeople }: Course, plan: ExperimentPlan): string {
  const { question, traffic, value } = plan;
  const names = planNamesOf(question.metric.key);
  if (value === null) return `nothing can be said: ${whyUnmeasured(plan)[0]}`;
  if (ratings === null) return question.minLift > 0 ? "it cannot be" : "no least lift is asked for (minLift is 0)";
  const needed = `about ${about(ratings)} ${names.values} on both sides together`;
  if (traffic.ratings === 0)
    return `${needed}: ${about(ratings / question.within)} a day to have them in ${span(question.within)}`;
  if (tooFewPeople)
    return `never: too few people ${names.come} for ${MINIMUM_FOR_PROMOTION.users} of them to meet the challenger`;
  if (days === null) return `not in ten years at this traffic: it takes ${needed}`;
  const tooLong = days > question.maxDuration ? `, longer than maxDuration (${span(question.maxDuration)})` : "";
  return `about ${span(days)}${tooLong}: it takes ${needed}`;
}

function comparison(other: Course, plan: ExperimentPlan): string {
  const { daysSaved, own, traffic, value } = plan;
  const first = `${way(other.phases)}, ${untilShown(other, plan)}`;
  if (traffic.ratings === 0 || value === null) return first;
  const saved =
    daysSaved !== null && daysSaved >= 0.1 ? `. That is ${span(daysSaved)} ${own === "fixed" ? "less" : "more"}` : "";
  return `${first}${saved}. In ${span(plan.question.within)}, ${inTime(other, plan)}`;
}

/** Being better can be shown while the measured lift is below the wanted one: the rule asks for both. */
function promotionWords(minLift: number): string {
  if (minLift === 0) return "a challenger is promoted as soon as it is shown to be better";
  return `besides being shown to be better, the challenger must measure at ${lift(minLift)} or more. One that is just that good measures below it about every other time; one that is clearly better seldom does`;
}

/** From this share of rated answers on, silence can hardly be what made a lead. */
const NEARLY_ALL = 0.9;

/**
 * What the feedback-rate check (`checkFeedbackRate`) costs a loop that promotes by itself. Of thumbs up for each answer the variance, for
 * each rating, is p·(1 − p·r), where that of approval is p·(1 − p), with r ratings an answer; of thumbs down likewise with 1 − p. The
 * larger of the two ratios decides. A challenger that is much better takes more than that, since its own approval has less spread.
 */
function consentWords(plan: ExperimentPlan): string[] {
  const { question, traffic, value } = plan;
  if (!question.automatic || question.metric.key !== APPROVAL.key || value === null || traffic.ratings === 0) return [];
  const rated = ratedShare(plan);
  if (rated >= NEARLY_ALL) return [];
  const usual = Math.max(value, 1 - value);
  const factor = (1 - usual * rated) / (1 - usual);
  return [
    `By itself this loop promotes only once thumbs up and thumbs down for each answer show the lead, too, since ${percent(rated)} of the answers are rated and silence could make one: that takes about ${decimal(factor)} times as many ratings, or more; until then a person is asked`,
  ];
}

function peopleWords(plan: ExperimentPlan): string {
  const { unmeasured, assumed, value, correlation, designEffect, question, traffic } = plan;
  const names = planNamesOf(question.metric.key);
  if (value === null || correlation === null || designEffect === null) return whyUnmeasured(plan).join("");
  const alike =
    correlation < 0.005
      ? `a user's ${names.each} do not resemble each other, so that each counts in full`
      : `a user's ${names.each} resemble each other (correlation ${decimal(correlation, 2)}), so that after ${span(question.within)} ${decimal(designEffect)} of them say as much as one of somebody who ${names.once}`;
  const taken = `typical numbers are taken: ${percent(value)} thumbs up; ${alike}`;
  if (unmeasured !== null) return `${whyUnmeasured(plan).join("")}, so ${taken}`;
  const typical = assumed.includes("correlation")
    ? `. That is a typical number: too few users ${names.again} to measure it`
    : "";
  return `${alike}${typical}. Beyond the ${span(traffic.days)} that were read, people are taken to go on as in their second half`;
}

/** Why nothing was measured, in short, and what is to be said to it. */
function whyUnmeasured({ unmeasured, question: { metric } }: ExperimentPlan): [why: string, besides: string] {
  const { each } = planNamesOf(metric.key);
  const { users, ratings } = MINIMUM_FOR_HARM;
  const why: Record<Unmeasured, [string, string]> = {
    no_ratings: ["there is nothing to measure by", ""],
    too_few: [
      `there are too few ${each} to measure by`,
      metric.key === APPROVAL.key ? "" : `: it takes ${ratings}, from ${users} users`,
    ],
    all_up: ["every thumb is up", ", and nothing can be better than that"],
    all_down: ["every thumb is down", ", and no lift can be given on nothing"],
    alike: ["all values are alike", ", and without differences nobody can say how sure anything is"],
    zero: ["the values are 0 on average", ", and no lift can be given on nothing"],
  };
  return why[unmeasured ?? "no_ratings"];
}

/** Why the days are more than the ratings that it takes, divided by those that come in a day. */
function howDaysFollow({ days, ratings }: Course, { traffic, question: { metric } }: ExperimentPlan): string {
  if (days === null || ratings === null || mostPerUnit(metric.key) === Infinity) return "";
  const perDay = traffic.ratings / traffic.days;
  if (days * perDay < 1.2 * ratings) return "";
  const { each } = planNamesOf(metric.key);
  return `. Of each user only the first ${RATINGS_PER_UNIT} ${each} count, so that of the ${about(perDay)} a day fewer do the longer it goes on`;
}

/** "no worse: quality": what it takes to show that a challenger is, if it is exactly as good. */
function guardrailLine(guardrail: PlannedGuardrail, { phases }: Course): PlanWords["lines"][number] {
  const { metric, margin, value, days, answers, unmeasured } = guardrail;
  const { name, values } = namesOf(metric);
  const line = (words: string) => ({ about: `no worse: ${metric.replace(/^feedback:/, "")}`, words });
  if (unmeasured !== null || value === null)
    return line(`nothing can be said: there are no ${values}, or too few, to know what ${name} is like`);
  const allowed = differenceOf(metric, margin).slice(1);
  const wanted = `that it is not worse by ${allowed} in ${name} (${amountOf(metric, value)}), if it is exactly as good`;
  if (days === null || answers === null)
    return line(`${way(phases)}, not in ten years at this traffic can it be shown ${wanted}`);
  return line(
    `${way(phases)}, about ${span(days)}: it takes about ${about(answers)} ${values} of the challenger to show ${wanted}`,
  );
}

function pastWords({ alpha }: ExperimentPlan, { finished, promoted, overridden, rolledBack }: Past): string {
  const luck = `Of experiments in which nothing is better, about 1 in ${Math.round(1 / alpha)} promotes by luck at most`;
  if (finished === 0) return `no experiment is finished. ${luck}`;
  const came = [
    `${promoted} promoted on the evidence`,
    ...(overridden === 0 ? [] : [`${overridden} by an operator who overrode it`]),
    ...(rolledBack === 0 ? [] : [`${rolledBack} of these rolled back`]),
  ];
  const several = finished * alpha >= 1 ? `: of these up to about ${decimal(finished * alpha, 0)}` : "";
  return `${finished} ${finished === 1 ? "experiment has" : "experiments have"} ended: ${came.join(", ")}. ${luck}${several}`;
}
