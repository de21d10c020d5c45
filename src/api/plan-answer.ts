// How a plan is written in answers: fractions, days, and the words.
import { z } from "@hono/zod-openapi";
import { APPROVAL } from "../evidence/metric.ts";
import type { Course, ExperimentPlan } from "../evidence/plan.ts";
import { type Past, planWords } from "../evidence/plan-words.ts";

const course = z.object({
  phases: z.array(z.object({ share: z.number(), from_hours: z.number() })),
  challenger_ratings_per_day: z.number(),
  smallest_lift: z.number().nullable(),
  smallest_difference: z.number().nullable(),
  enough: z.boolean(),
  too_few_people: z.boolean(),
  chance: z.number(),
  days: z.number().nullable(),
  ratings: z.number().nullable(),
});

/** What GET /api/loops/{loop}/plan answers. */
export const planAnswer = z.object({
  loop: z.string(),
  as_of: z.date(),
  /** The one under way, by whose frozen parameters the plan goes; null: by the loop's settings. */
  experiment: z.string().nullable(),
  lines: z.array(z.object({ about: z.string(), words: z.string() })),
  warnings: z.array(z.string()),
  decides: z.boolean(),
  /** The primary metric: `approval`, `quality`, or `feedback:` with its name. */
  metric: z.string(),
  better: z.enum(["higher", "lower"]),
  min_lift: z.number(),
  within_days: z.number(),
  min_duration_days: z.number(),
  max_duration_days: z.number(),
  power: z.number(),
  alpha: z.number(),
  phi: z.number(),
  traffic: z.object({
    days: z.number(),
    interactions: z.number(),
    ratings_per_day: z.number(),
    users_per_day: z.number(),
    anonymous_ratings: z.number(),
  }),
  /** The champion's value of the metric, in its own unit. */
  value: z.number().nullable(),
  /** The same where the metric is approval. */
  approval: z.number().nullable(),
  correlation: z.number().nullable(),
  design_effect: z.number().nullable(),
  /** Why the metric could not be measured; of any but approval nothing is known then. */
  unmeasured: z.enum(["no_ratings", "too_few", "all_up", "all_down", "alike", "zero"]).nullable(),
  assumed: z.array(z.enum(["traffic", "approval", "correlation"])),
  own: z.enum(["fixed", "ramp"]),
  fixed: course,
  ramp: course,
  days_saved: z.number().nullable(),
  /** For a challenger that is exactly as good: until it is shown to be worse by less than the margin, in the metric's unit. */
  guardrails: z.array(
    z.object({
      metric: z.string(),
      better: z.enum(["higher", "lower"]),
      margin: z.number(),
      value: z.number().nullable(),
      days: z.number().nullable(),
      answers: z.number().nullable(),
      unmeasured: z.string().nullable(),
    }),
  ),
  /** Experiments that ended, and what they promoted: on the evidence, past it, and of both what was rolled back. */
  false_promotions: z.object({
    finished: z.number(),
    promoted: z.number(),
    overridden: z.number(),
    rolled_back: z.number(),
    expected_at_most: z.number(),
  }),
});

/** The answer, but for whose it is and when it was asked for. */
export function showPlan(plan: ExperimentPlan, past: Past) {
  const { question, traffic } = plan;
  return {
    ...planWords(plan, past),
    decides: plan.decides,
    metric: question.metric.key,
    better: question.metric.better,
    min_lift: question.minLift,
    within_days: question.within,
    min_duration_days: question.minDuration,
    max_duration_days: question.maxDuration,
    power: plan.power,
    alpha: plan.alpha,
    phi: question.phi,
    traffic: {
      days: traffic.days,
      interactions: traffic.interactions,
      ratings_per_day: traffic.ratings / traffic.days,
      users_per_day: traffic.userDays / traffic.days,
      anonymous_ratings: traffic.anonymous,
    },
    value: plan.value,
    approval: question.metric.key === APPROVAL.key ? plan.value : null,
    correlation: plan.correlation,
    design_effect: plan.designEffect,
    unmeasured: plan.unmeasured,
    assumed: plan.assumed,
    own: plan.own,
    fixed: showCourse(plan.fixed),
    ramp: showCourse(plan.ramp),
    days_saved: plan.daysSaved,
    guardrails: plan.guardrails.map(({ failAbove: _, ...guardrail }) => guardrail),
    false_promotions: {
      finished: past.finished,
      promoted: past.promoted,
      overridden: past.overridden,
      rolled_back: past.rolledBack,
      expected_at_most: past.finished * plan.alpha,
    },
  };
}

function showCourse({
  phases,
  challengerRatingsPerDay,
  smallestLift,
  smallestDifference,
  enough,
  tooFewPeople,
  chance,
  days,
  ratings,
}: Course) {
  return {
    phases: phases.map(({ share, from }) => ({ share, from_hours: from * 24 })),
    challenger_ratings_per_day: challengerRatingsPerDay,
    smallest_lift: smallestLift,
    smallest_difference: smallestDifference,
    enough,
    too_few_people: tooFewPeople,
    chance,
    days,
    ratings,
  };
}
