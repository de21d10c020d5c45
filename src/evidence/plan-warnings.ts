// What keeps an experiment from an answer in time, and what to do about it.
import { unwatched } from "../domain/settings-promises.ts";
import { amountOf, namesOf, percent } from "./figures.ts";
import { APPROVAL } from "./metric.ts";
import type { Course, ExperimentPlan } from "./plan.ts";
import { lift, span, way } from "./plan-figures.ts";
import type { PlannedGuardrail } from "./plan-guardrails.ts";
import { planNamesOf } from "./plan-names.ts";

/** The warnings of a plan, the most general first. */
export function planWarnings(plan: ExperimentPlan): string[] {
  const { question, traffic, unmeasured, value, highestLift, decides } = plan;
  const { metric, minLift } = question;
  const names = planNamesOf(metric.key);
  const values = traffic.ratings + traffic.anonymous;
  const { elsewhere = 0 } = traffic;
  const tooHigh = highestLift !== null && minLift > highestLift;
  const found: (string | false)[] = [
    question.within > question.maxDuration &&
      `${span(question.within)} are longer than maxDuration (${span(question.maxDuration)}), when an experiment ends: what is said of them holds only where that is raised`,
    !question.enabled &&
      "experiments are switched off for this loop (experiment.enabled): nobody is asked whether a candidate that passes the gate is better",
    traffic.interactions === 0 &&
      "no traffic yet: send requests through the gateway, or record them by POST /api/interactions",
    traffic.ratings === 0 && names.send,
    traffic.anonymous > 0.01 * values &&
      `${percent(traffic.anonymous / values)} of ${names.all} are on answers that name neither user nor conversation: they count in no experiment`,
    elsewhere > 0.01 * traffic.ratings &&
      `${percent(elsewhere / traffic.ratings)} of ${names.all} are on answers that the application recorded without saying which model answered ("variant" in POST /api/interactions, by the routing document): they count in no experiment`,
    unmeasured === "all_up" && "see whether thumbs down arrive as they should",
    unmeasured === "all_down" && "see whether thumbs up arrive as they should",
    unmeasured === "alike" &&
      "see whether the values arrive as they should: no experiment can be decided by values that never differ",
    tooHigh && value !== null && aboveAll(plan, value, highestLift),
    metric.key !== APPROVAL.key &&
      !question.scaled &&
      traffic.ratings > 0 &&
      `the champion has fewer than 100 ${names.values} by now: an experiment begun before it has them would be tuned for a typical ${amountOf(metric.key, metric.kind === "number" ? 1 : 0.8)}`,
    traffic.ratings > 0 &&
      traffic.days < 2 &&
      `only ${span(traffic.days)} of traffic could be read: no whole days and nights yet`,
    traffic.ratings > 0 && value !== null && minLift > 0 && !tooHigh && !decides && cannotDecide(plan, names.more),
    ...plan.guardrails
      .filter(({ unmeasured, days }) => unmeasured === null && (days === null || days > question.maxDuration))
      .map((guardrail) => cannotClear(guardrail, plan)),
    question.holdback === 0 && question.probation > 0 && unwatched(question.probation),
  ];
  return found.filter((warning) => warning !== false);
}

function cannotClear({ metric, days }: PlannedGuardrail, { question, own, ...plan }: ExperimentPlan): string {
  const { fixed, ramp } = plan;
  const time = days === null ? "not in ten years" : `about ${span(days)}`;
  return `even a challenger that is exactly as good in ${namesOf(metric).name} is not shown to be within maxDuration (${span(question.maxDuration)}): ${time} ${way({ fixed, ramp }[own].phases)}. Widen its margin, or take a larger share or a ramp: else a person must override that check`;
}

function aboveAll({ question: { metric, minLift } }: ExperimentPlan, value: number, highest: number): string {
  const { name } = namesOf(metric.key);
  const article = /^[aeiou]/.test(name) ? "an" : "a";
  return `${lift(minLift)} on ${article} ${name} of ${amountOf(metric.key, value)} would be more than ${amountOf(metric.key, 1)}: the highest lift there is is ${lift(highest)}, so set experiment.minLift below it`;
}

function cannotDecide({ question, own, ...plan }: ExperimentPlan, more: string): string {
  const { within, maxDuration, minLift } = question;
  const { days, phases }: Course = plan[own];
  const share = `${span(within)} ${way(phases)} cannot decide`;
  if (days !== null && days <= maxDuration)
    return `${share}: an experiment goes on until about ${span(days)} before it can tell ${lift(minLift)} from chance`;
  return `${share}, and neither can maxDuration (${span(maxDuration)}): take a larger share, a ramp, a larger minLift or a longer maxDuration, or ${more}`;
}
