// Power for one loop, before anything is spent: what its traffic can show in time, with its fixed share and with a ramp.
import { type Assumption, designEffect, type Outlook, outlookOf, type Traffic, type Unmeasured } from "./outlook.ts";
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

/** One way to share the traffic, and what it brings. */
export interface Course {
  phases: readonly Phase[];
  /** Ratings a day for the challenger once the last phase is open. */
  challengerRatingsPerDay: number;
  /** The smallest true lift that is shown in time with the power; null: none, or too few users and ratings to judge by. */
  smallestLift: number | null;
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
  approval: number;
  correlation: number;
  /** How many ratings say as much as one of somebody who rates once, after the time that is asked about. */
  designEffect: number;
  assumed: readonly Assumption[];
  unmeasured: Unmeasured | null;
  fixed: Course;
  ramp: Course;
  /** The course that this loop's experiments take. */
  own: "fixed" | "ramp";
  daysSaved: number | null;
  /** Whether the loop's own course shows minLift in time with the power. */
  decides: boolean;
  /** The lift of a challenger without a thumb down: no wanted lift may be above it. */
  highestLift: number;
}

/** Plans an experiment. No number in the plan is NaN or infinite, whatever the traffic. */
export function planExperiment({ growth, ...traffic }: Traffic, question: PlanQuestion): ExperimentPlan {
  const outlook = outlookOf({ ...traffic, growth });
  const yardstick = { phi: question.phi, alpha: ERROR_RATES.promote };
  const take = (phases: readonly Phase[]) => courseOf(phases, { traffic, outlook, yardstick, question });
  const fixed = take([{ share: question.share, from: 0 }]);
  const ramp = take(question.ramp);
  const own = question.ramped ? "ramp" : "fixed";
  const { days } = { fixed, ramp }[own];
  return {
    question,
    power: POWER,
    alpha: yardstick.alpha,
    traffic,
    approval: outlook.approval,
    correlation: outlook.correlation,
    designEffect: designEffect(outlook, question.within),
    assumed: outlook.assumed,
    unmeasured: outlook.unmeasured,
    fixed,
    ramp,
    own,
    daysSaved: fixed.days === null || ramp.days === null ? null : Math.max(0, fixed.days - ramp.days),
    decides: days !== null && days <= question.within,
    highestLift: 1 / outlook.approval - 1,
  };
}

interface Circumstances {
  traffic: Omit<Traffic, "growth">;
  outlook: Outlook;
  yardstick: Yardstick;
  question: PlanQuestion;
}

function courseOf(phases: readonly Phase[], { traffic, outlook, yardstick, question }: Circumstances): Course {
  const { approval } = outlook;
  const { minLift, minDuration, within } = question;
  const difference = minLift * approval;
  const possible = difference > 0 && approval + difference <= 1;
  const final = phases.at(-1)!.share;
  const smallest = smallestDifference(outlook, phases, within, yardstick);
  const days = possible ? daysToShow(outlook, phases, difference, yardstick) : null;
  const people = { approval, designEffect: designEffect(outlook, days ?? question.maxDuration) };
  return {
    phases,
    challengerRatingsPerDay: traffic.days > 0 ? (final * traffic.ratings) / traffic.days : 0,
    smallestLift: smallest === null ? null : smallest / approval,
    enough: expectedAfter(outlook, phases, within, 0)?.enough ?? false,
    chance: possible ? chanceToShow(outlook, phases, within, difference, yardstick) : 0,
    tooFewPeople: outlook.growth !== null && expectedAfter(outlook, phases, LONGEST, 0)?.enough !== true,
    days: days === null ? null : Math.max(days, minDuration),
    ratings: possible ? ratingsToShow(difference, final, people, yardstick) : null,
  };
}
