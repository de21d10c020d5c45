// Power for one loop, before anything is spent: what its traffic can show in time, with its fixed share and with a ramp.
import { speakable } from "./claims.ts";
import {
  type Assumption,
  designEffect,
  type Outlook,
  outlookOf,
  type Traffic,
  type Unmeasured,
  unevenness,
} from "./outlook.ts";
import { type GuardedTraffic, type PlannedGuardrail, planGuardrails } from "./plan-guardrails.ts";
import type { PlanQuestion } from "./plan-question.ts";
import { ERROR_RATES } from "./policy.ts";
import {
  chanceToShow,
  daysToShow,
  expectedAfter,
  LONGEST,
  type Phase,
  POWER,
  ratingsToShow,
  smallestDifference,
  type Yardstick,
} from "./power.ts";
import { highestLiftOf, type Values } from "./values.ts";

/** One way to share the traffic, and what it brings. Ratings are the values of the primary metric, whichever it is. */
export interface Course {
  phases: readonly Phase[];
  /** Ratings a day for the challenger once the last phase is open. */
  challengerRatingsPerDay: number;
  /** The smallest true lift that is shown in time with the power; null: none, or too few users and ratings to judge by. */
  smallestLift: number | null;
  /** The same in the metric's unit, in the better direction. */
  smallestDifference: number | null;
  /** Whether a verdict is possible at all by then: the rule asks for some users and ratings on both sides. */
  enough: boolean;
  /** The chance that a true lift of minLift is shown in time. */
  chance: number;
  /** Until minLift is shown with the power, and never less than minDuration; null when ten years do not show it. */
  days: number | null;
  /** Whether the challenger never gets the users and ratings that the rule asks for, because too few people rate. */
  tooFewPeople: boolean;
  /** Ratings on both sides together that show minLift with the power; null when there is no such lift. */
  ratings: number | null;
}

export interface ExperimentPlan {
  question: PlanQuestion;
  power: number;
  alpha: number;
  traffic: Omit<Traffic, "growth">;
  /** The champion's value of the primary metric; null when nothing is known of it. */
  value: number | null;
  /** How much one user's ratings resemble each other; null likewise. */
  correlation: number | null;
  /** How many ratings say as much as one of somebody who rates once, after the time that is asked about; null likewise. */
  designEffect: number | null;
  assumed: readonly Assumption[];
  unmeasured: Unmeasured | null;
  fixed: Course;
  ramp: Course;
  /** The course that this loop's experiments take. */
  own: "fixed" | "ramp";
  daysSaved: number | null;
  /** Whether the loop's own course shows minLift in the time that is asked about, and before maxDuration, with the power. */
  decides: boolean;
  /** What it takes to clear each guardrail that can be planned, by the loop's own course. */
  guardrails: readonly PlannedGuardrail[];
  /** The lift of the best challenger there can be: no wanted lift may be above it. Null where there is none, or nothing is known. */
  highestLift: number | null;
}

/** Plans an experiment. `traffic` is of the question's metric. No number in the plan is NaN or infinite, whatever the traffic. */
export function planExperiment(
  { growth, ...traffic }: Traffic,
  question: PlanQuestion,
  guarded: readonly GuardedTraffic[] = [],
): ExperimentPlan {
  const outlook = outlookOf({ ...traffic, growth }, question.metric);
  const yardstick = { phi: question.phi, alpha: ERROR_RATES.promote };
  const take = (phases: readonly Phase[]) => courseOf(phases, { traffic, outlook, yardstick, question });
  const fixed = take([{ share: question.share, from: 0 }]);
  const ramp = take(question.ramp);
  const own = question.ramped ? "ramp" : "fixed";
  const { days, phases } = { fixed, ramp }[own];
  const { values } = outlook;
  return {
    question,
    power: POWER,
    alpha: yardstick.alpha,
    traffic,
    value: values === null ? null : values.mean,
    correlation: values === null ? null : outlook.correlation,
    designEffect: values === null ? null : designEffect(outlook, question.within),
    assumed: outlook.assumed,
    unmeasured: outlook.unmeasured,
    fixed,
    ramp,
    own,
    daysSaved: fixed.days === null || ramp.days === null ? null : Math.max(0, fixed.days - ramp.days),
    decides: days !== null && days <= Math.min(question.within, question.maxDuration),
    guardrails: planGuardrails(guarded, phases),
    highestLift: values === null ? null : highestLiftOf(values, question.metric),
  };
}

interface Circumstances {
  traffic: Omit<Traffic, "growth">;
  outlook: Outlook;
  yardstick: Yardstick;
  question: PlanQuestion;
}

function courseOf(phases: readonly Phase[], { traffic, outlook, yardstick, question }: Circumstances): Course {
  const { values, metric, growth } = outlook;
  const { minDuration, within } = question;
  const difference = wantedDifference(values, question);
  const final = phases.at(-1)!.share;
  const smallest = smallestDifference(outlook, phases, within, yardstick);
  const days = difference === null ? null : daysToShow(outlook, phases, difference, yardstick);
  const judgeable = difference !== null && speakable(difference, difference ** 2, yardstick.phi);
  const atLast = days ?? question.maxDuration;
  const people = { metric, designEffect: designEffect(outlook, atLast), unevenness: unevenness(outlook, atLast) };
  return {
    phases,
    challengerRatingsPerDay: traffic.days > 0 ? (final * traffic.ratings) / traffic.days : 0,
    smallestLift: smallest === null || values === null ? null : smallest / Math.abs(values.mean),
    smallestDifference: smallest,
    enough: expectedAfter(outlook, phases, within, 0)?.enough ?? false,
    chance: difference === null ? 0 : chanceToShow(outlook, phases, within, difference, yardstick),
    tooFewPeople:
      values !== null &&
      growth !== null &&
      [LONGEST, within].every((time) => expectedAfter(outlook, phases, time, 0)?.enough !== true),
    days: days === null ? null : Math.max(days, minDuration),
    ratings: judgeable && values !== null ? ratingsToShow(difference, final, { ...people, values }, yardstick) : null,
  };
}

/** The wanted lift in the metric's unit; null where none is asked for, none can be reached, or nothing is known. */
function wantedDifference(values: Values | null, { minLift, metric }: PlanQuestion): number | null {
  if (values === null || minLift === 0) return null;
  const highest = highestLiftOf(values, metric);
  return highest !== null && minLift > highest ? null : minLift * Math.abs(values.mean);
}
