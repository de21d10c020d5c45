// What a challenger that is exactly as good takes to be shown no worse, for each guardrail: these hold back most promotions.
import type { Guardrail } from "./checks/guardrail.ts";
import { GUARDRAIL_ALPHA } from "./checks/guardrail.ts";
import { leastVariance } from "./estimate.ts";
import { metricOf } from "./metric.ts";
import { MINIMUM_FOR_HARM } from "./minimum.ts";
import { type Outlook, outlookOf, type Traffic, type Unmeasured } from "./outlook.ts";
import { chanceToClear, expectedAfter, firstDay, type Phase, POWER } from "./power.ts";
import { EMPTY_TALLY } from "./tally.ts";

/** A guardrail with the loop's traffic of its metric. */
export interface GuardedTraffic {
  guardrail: Guardrail;
  traffic: Traffic;
}

export interface PlannedGuardrail extends Guardrail {
  /** The champion's value, in the metric's unit; null when nothing is known of it. */
  value: number | null;
  /** Until it is shown with the power that a challenger that is exactly as good is not worse by the margin; null when ten years do not. */
  days: number | null;
  /** How many answers, or values, of the challenger that takes; null likewise. */
  answers: number | null;
  /** Why nothing can be said. */
  unmeasured: Unmeasured | null;
}

/** By the course that the loop's experiments take. Each by itself: that several pass at one look takes no longer on average, but by chance may. */
export function planGuardrails(guarded: readonly GuardedTraffic[], phases: readonly Phase[]): PlannedGuardrail[] {
  return guarded.map(({ guardrail, traffic }) => {
    const outlook = knownOf(traffic, guardrail);
    const { values, unmeasured } = outlook;
    if (values === null) return { ...guardrail, value: null, days: null, answers: null, unmeasured };
    const days = firstDay((day) => clears(outlook, phases, day, guardrail.margin));
    const final = phases.at(-1)!.share;
    const expected = days === null ? null : expectedAfter(outlook, phases, days, 0);
    return {
      ...guardrail,
      value: values.mean,
      days,
      answers: expected === null ? null : final * expected.ratings,
      unmeasured: null,
    };
  });
}

/** Where all values are alike there still is something to say: an error that has never been may yet be, and a cost that is fixed is. */
function knownOf(traffic: Traffic, { metric: key, better }: Guardrail): Outlook {
  const metric = metricOf(key, better);
  const outlook = outlookOf(traffic, metric);
  const total = traffic.growth.at(-1)?.tally ?? EMPTY_TALLY;
  if (outlook.unmeasured !== "alike" || (metric.kind !== "binary" && key !== "cost")) return outlook;
  const mean = total.sumY / total.sumK;
  return { ...outlook, values: { mean, variance: 0, binary: metric.kind === "binary" }, correlation: 0 };
}

function clears(outlook: Outlook, phases: readonly Phase[], days: number, margin: number): boolean {
  const expected = expectedAfter(outlook, phases, days, 0);
  if (expected === null) return false;
  const final = phases.at(-1)!.share;
  const least = Math.min(final, 1 - final);
  const { users, ratings } = MINIMUM_FOR_HARM;
  if (least * expected.users < users || least * expected.ratings < ratings) return false;
  const variance = Math.max(
    expected.variance,
    floorOf(outlook, final * expected.ratings, (1 - final) * expected.ratings),
  );
  return variance === 0 || chanceToClear(margin, variance, GUARDRAIL_ALPHA) >= POWER;
}

/** As in the check: of what is 0 or 1 neither side is surer than so many values can make it. */
function floorOf({ values, metric }: Outlook, ...counts: [challenger: number, champion: number]): number {
  if (values === null || metric.kind !== "binary") return 0;
  return counts.reduce((sum, k) => sum + leastVariance({ ...EMPTY_TALLY, sumY: values.mean * k, sumK: k }), 0);
}
