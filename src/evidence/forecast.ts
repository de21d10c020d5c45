// How long until a verdict, if what is estimated now were the truth and the traffic went on as it is.

import type { Check } from "./checks/check.ts";
import { GUARDRAIL_ALPHA } from "./checks/guardrail.ts";
import type { Claim, Claims } from "./claims.ts";
import { logEOf } from "./claims.ts";
import { MINIMUM_FOR_HARM, MINIMUM_FOR_PROMOTION } from "./minimum.ts";
import { ERROR_RATES, type VerdictPolicy } from "./policy.ts";
import type { Reading } from "./reading.ts";

export interface Forecast {
  kind: "promote" | "reject" | "stop";
  /** Milliseconds from now. */
  after: number;
  /** Whether that is before maxDuration. */
  inTime: boolean;
}

/** Beyond so many times the traffic so far nobody plans. */
const MOST_TRAFFIC = 2 ** 20;

/**
 * The first verdict to expect: variances shrink as 1/n, so at which multiple of the traffic so far does an e-value reach its limit, and
 * when are there enough users and time for it? Null when none does, as without any difference, or when no time has passed.
 */
export function forecast(numbers: Reading, claims: Claims, elapsed: number, policy: VerdictPolicy): Forecast | null {
  if (!(elapsed > 0)) return null;
  const { phi, minLift, maxDuration, alpha = ERROR_RATES } = policy;
  const comparable = Math.max(
    ...(["champion", "challenger"] as const).map((side) => shortBy(numbers, side, MINIMUM_FOR_HARM)),
  );
  const promotable = Math.max(comparable, shortBy(numbers, "challenger", MINIMUM_FOR_PROMOTION));
  const enoughLift = (numbers.lift ?? Infinity) >= minLift;
  const candidates: [Forecast["kind"], number][] = [
    ["reject", elapsed * Math.max(comparable, trafficFor(claims.worse, phi, alpha.harm))],
    [
      "promote",
      enoughLift
        ? Math.max(policy.minDuration, elapsed * Math.max(promotable, trafficFor(claims.better, phi, alpha.promote)))
        : Infinity,
    ],
    ["stop", Math.max(policy.minEvidence, elapsed * Math.max(promotable, trafficFor(claims.short, phi, alpha.futile)))],
  ];
  const [kind, at] = candidates.reduce((first, next) => (next[1] < first[1] ? next : first));
  return Number.isFinite(at) ? { kind, after: Math.max(0, at - elapsed), inTime: at <= maxDuration } : null;
}

/**
 * A promotion waits for guardrails, too: until each that is not shown yet is, if it goes on as it is. Where one has too few answers to say,
 * or looks worse than its margin, nobody knows; then a promotion that only waits for checks (`blocked`) has no forecast.
 */
export function afterGuardrails(
  expected: Forecast,
  waiting: readonly Check[],
  { elapsed, maxDuration, blocked }: { elapsed: number; maxDuration: number; blocked: boolean },
): Forecast | null {
  const times = waiting.map((check) => elapsed * Math.max(0, trafficToPass(check) - 1));
  const known = times.filter((time) => Number.isFinite(time));
  if (blocked && known.length < waiting.length) return null;
  const after = Math.max(expected.after, ...known);
  return { ...expected, after, inTime: elapsed + after <= maxDuration };
}

/** The multiple of the traffic so far at which a guardrail passes; Infinity where nobody can say. */
function trafficToPass({ told, numbers: { worse, margin, variance } }: Check): number {
  if (told !== "not shown yet" || worse == null || margin == null || variance == null) return Infinity;
  const room = { effect: margin - worse, variance };
  return trafficFor(room, margin, GUARDRAIL_ALPHA);
}

/** The multiple of the traffic so far at which the e-value of a claim reaches 1/alpha; Infinity when it never does. */
function trafficFor({ effect, variance }: Claim, phi: number, alpha: number): number {
  const reached = (traffic: number) => logEOf({ effect, variance: variance / traffic }, phi) >= -Math.log(alpha);
  if (reached(1)) return 1;
  if (effect <= 0) return Infinity;
  let high = 2;
  while (!reached(high)) {
    if (high >= MOST_TRAFFIC) return Infinity;
    high *= 2;
  }
  let low = high / 2;
  while (high - low > 0.001 * high) {
    const middle = (low + high) / 2;
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The multiple of the traffic so far that gives a side its least users and ratings. */
function shortBy(
  { users, ratings }: Reading,
  side: "champion" | "challenger",
  least: { users: number; ratings: number },
): number {
  return Math.max(1, least.users / users[side], least.ratings / ratings[side]);
}
