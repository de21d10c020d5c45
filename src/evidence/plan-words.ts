// A plan in words, for people who do not know statistics: what comes in, what it can show in time, and what stands in the way.

import { percent } from "./figures.ts";
import { MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import type { Course, ExperimentPlan } from "./plan.ts";
import type { Phase } from "./power.ts";

export interface PlanWords {
  /** What each line is about, in a word or two, and the line. */
  lines: { about: string; words: string }[];
  /** What keeps an experiment from an answer in time, and what to do about it. */
  warnings: string[];
}

/** The words of a plan; `past` are the loop's experiments so far. */
export function planWords(plan: ExperimentPlan, past: { finished: number; promoted: number }): PlanWords {
  const { question, own } = plan;
  const course = plan[own];
  const other = own === "fixed" ? plan.ramp : plan.fixed;
  return {
    lines: [
      { about: "traffic", words: trafficWords(plan) },
      { about: `in ${span(question.within)}`, words: `${way(course.phases)}, ${inTime(course, plan)}` },
      { about: `for ${lift(question.minLift)}`, words: `${way(course.phases)}, ${untilShown(course, plan)}` },
      { about: own === "fixed" ? "with a ramp" : "fixed share", words: comparison(other, plan) },
      { about: "promotion", words: promotionWords(question.minLift) },
      { about: "people", words: peopleWords(plan) },
      { about: "so far", words: pastWords(plan, past) },
    ],
    warnings: warningsOf(plan, course),
  };
}

function trafficWords({ traffic, approval, unmeasured, question, own, ...plan }: ExperimentPlan): string {
  const { ratings, interactions, days, userDays, anonymous } = traffic;
  const read = `in the last ${span(days)}`;
  if (ratings === 0) return `${about(interactions)} answers ${read}, and no thumb from a user on any of them`;
  const users = `about ${about(ratings / days)} ratings a day from ${about(userDays / days)} users`;
  const rated =
    interactions > 0 ? `, ${percent(Math.min(1, (ratings + anonymous) / interactions))} of the answers` : "";
  const liked = unmeasured === null ? `, ${percent(approval)} thumbs up` : "";
  const share = plan[own].phases.at(-1)!.share;
  const met = `at ${percent(share)} the challenger gets about ${about(plan[own].challengerRatingsPerDay)} of them`;
  return `${users} (${read}${rated}${liked}); ${met}`;
}

function inTime({ smallestLift, enough, chance }: Course, { traffic, question }: ExperimentPlan): string {
  if (traffic.ratings === 0) return "nothing can be shown without ratings";
  if (!enough) {
    const { users, ratings } = MINIMUM_FOR_PROMOTION;
    return `the ratings are too few to judge by: a promotion takes ${ratings} of the challenger, from ${users} users`;
  }
  const seen = question.minLift > 0 ? `; one of ${lift(question.minLift)} is seen ${times(chance)}` : "";
  if (smallestLift === null) return `no lift is shown for certain enough, however good the challenger is${seen}`;
  return `a true lift of ${lift(smallestLift)} or more is shown (8 times in 10)${seen}`;
}

function untilShown({ days, ratings, tooFewPeople }: Course, { question, traffic }: ExperimentPlan): string {
  if (ratings === null) return question.minLift > 0 ? "it cannot be" : "no least lift is asked for (minLift is 0)";
  const needed = `about ${about(ratings)} ratings on both sides together`;
  if (traffic.ratings === 0)
    return `${needed}: ${about(ratings / question.within)} a day to have them in ${span(question.within)}`;
  if (tooFewPeople)
    return `never: too few people rate for ${MINIMUM_FOR_PROMOTION.users} of them to meet the challenger`;
  if (days === null) return `not in ten years at this traffic: it takes ${needed}`;
  const tooLong = days > question.maxDuration ? `, longer than maxDuration (${span(question.maxDuration)})` : "";
  return `about ${span(days)}${tooLong}: it takes ${needed}`;
}

function comparison(other: Course, plan: ExperimentPlan): string {
  const { daysSaved, own, traffic } = plan;
  const first = `${way(other.phases)}, ${untilShown(other, plan)}`;
  if (traffic.ratings === 0) return first;
  const saved =
    daysSaved !== null && daysSaved >= 0.1 ? `. That is ${span(daysSaved)} ${own === "fixed" ? "less" : "more"}` : "";
  return `${first}${saved}. In ${span(plan.question.within)}, ${inTime(other, plan)}`;
}

/** Being better can be shown while the measured lift is below the wanted one: the rule asks for both. */
function promotionWords(minLift: number): string {
  if (minLift === 0) return "a challenger is promoted as soon as it is shown to be better";
  return `besides being shown to be better, the challenger must measure at ${lift(minLift)} or more. One that is just that good measures below it about every other time; one that is clearly better seldom does`;
}

function peopleWords({
  unmeasured,
  assumed,
  approval,
  correlation,
  designEffect,
  question,
  traffic,
}: ExperimentPlan): string {
  const alike =
    correlation < 0.005
      ? "a user's ratings do not resemble each other, so that each counts in full"
      : `a user's ratings resemble each other (correlation ${decimal(correlation, 2)}), so that after ${span(question.within)} ${decimal(designEffect)} of them say as much as one of somebody who rates once`;
  const taken = `typical numbers are taken: ${percent(approval)} thumbs up; ${alike}`;
  if (unmeasured !== null) return `${UNMEASURED[unmeasured]}, so ${taken}`;
  const typical = assumed.includes("correlation")
    ? ". That is a typical number: too few users rated more than once to measure it"
    : "";
  return `${alike}${typical}. Beyond the ${span(traffic.days)} that were read, people are taken to go on as in their second half`;
}

const UNMEASURED = {
  no_ratings: "there is nothing to measure by",
  too_few: "there are too few ratings to measure by",
  all_up: "every thumb is up, and nothing can be better than that",
  all_down: "every thumb is down, and no lift can be given on nothing",
} as const;

function pastWords({ alpha }: ExperimentPlan, { finished, promoted }: { finished: number; promoted: number }): string {
  if (finished === 0)
    return `no experiment is finished; each brings a chance of up to ${percent(alpha)} to promote by luck`;
  return `${finished} ${finished === 1 ? "experiment is" : "experiments are"} finished, ${promoted} promoted: up to ${decimal(finished * alpha, 2)} of that by luck (${percent(alpha)} each)`;
}

function warningsOf(plan: ExperimentPlan, course: Course): string[] {
  const { question, traffic, unmeasured, highestLift, decides } = plan;
  const { minLift, within, maxDuration } = question;
  const thumbs = traffic.ratings + traffic.anonymous;
  const found: (string | false)[] = [
    !question.enabled &&
      "experiments are switched off for this loop (experiment.enabled): a candidate that passes the gate is promoted unproven",
    traffic.interactions === 0 &&
      "no traffic yet: send requests through the gateway, or record them by POST /api/interactions",
    traffic.ratings === 0 &&
      "no ratings: send thumbs by POST /api/feedback, on answers that name a user or a conversation",
    traffic.anonymous > 0.01 * thumbs &&
      `${percent(traffic.anonymous / thumbs)} of the thumbs are on answers that name neither user nor conversation: they count in no experiment`,
    unmeasured === "all_up" && "see whether thumbs down arrive as they should",
    unmeasured === "all_down" && "see whether thumbs up arrive as they should",
    minLift > highestLift &&
      `${lift(minLift)} on an approval of ${percent(plan.approval)} would be more than 100 %: the highest lift there is is ${lift(highestLift)}, so set experiment.minLift below it`,
    traffic.ratings > 0 &&
      traffic.days < 2 &&
      `only ${span(traffic.days)} of traffic could be read: no whole days and nights yet`,
    traffic.ratings > 0 && minLift > 0 && minLift <= highestLift && !decides && cannotDecide(course),
  ];
  return found.filter((warning) => warning !== false);

  function cannotDecide({ days, phases }: Course): string {
    const share = `${span(within)} ${way(phases)} cannot decide`;
    if (days !== null && days <= maxDuration)
      return `${share}: an experiment goes on until about ${span(days)} before it can tell ${lift(minLift)} from chance`;
    return `${share}, and neither can maxDuration (${span(maxDuration)}): take a larger share, a ramp, a larger minLift or a longer maxDuration, or have more answers rated`;
  }
}

/** "at 10 %", or "with 10 %, 25 % from 12 hours, 50 % from 24 hours". */
function way(phases: readonly Phase[]): string {
  if (phases.length === 1) return `at ${percent(phases[0]!.share)}`;
  const steps = phases.map(({ share, from }) => (from === 0 ? percent(share) : `${percent(share)} from ${span(from)}`));
  return `with ${steps.join(", ")}`;
}

/** Days in words: "48 hours", "9 days". */
function span(days: number): string {
  if (days >= 730) return `${decimal(days / 365)} years`;
  if (days >= 4) return `${decimal(days, days < 10 ? 1 : 0)} days`;
  const hours = days * 24;
  return hours < 2 ? `${decimal(Math.max(1, hours * 60), 0)} minutes` : `${decimal(hours, 0)} hours`;
}

/** As often as in "8 times in 10", in words for every size. */
function times(chance: number): string {
  const percentage = Math.round(100 * chance);
  return percentage < 1 ? "less than once in 100" : `${percentage} times in 100`;
}

function lift(share: number): string {
  return `+${percent(share)}`;
}

/** Three figures say enough of an estimate. */
function about(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: value < 10 ? 2 : 3 }).format(value);
}

function decimal(value: number, digits = 1): string {
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }).format(value);
}
