// Decides whether a retrain is due, and says why or why not in words with numbers.
import { type Calendar, lastStrike } from "./calendar.ts";
import { approvalPercent, type Thumbs } from "./health.ts";
import { count, duration, percent } from "./words.ts";

export interface TriggerFacts {
  /** Ratings since the last training run. */
  readonly feedbackSinceTraining: number;
  /** Teachable interactions since the last training run. */
  readonly teachableSinceTraining: number;
  readonly lastTrainingAt: Date | null;
  /** The end of the last cycle, however it ended. */
  readonly lastCycleAt: Date | null;
  /** What interval and calendar count from before the first training run. */
  readonly createdAt: Date;
  /** Thumbs of the recent window, and of the longer one before it that it is compared with. */
  readonly recent: Thumbs;
  readonly baseline: Thumbs;
  /** Requests of the recent window. */
  readonly requests: number;
  readonly failedRequests: number;
  /** Who holds the loop's slot. */
  readonly slot: { readonly kind: "cycle" | "experiment"; readonly id: string } | null;
}

/** Null switches a trigger off; durations in milliseconds. */
export interface TriggerThresholds {
  readonly newSamples: number | null;
  readonly interval: number | null;
  readonly calendar: Calendar | null;
  /** Relative: 0.10 means that approval fell to 90 % of the baseline's or less. */
  readonly qualityDrop: number | null;
  /** Share of requests, from 0 to 1. */
  readonly errorRate: number | null;
  readonly cooldown: number;
  readonly minFeedback: number;
  /** Fewest ratings on each side (and fewest requests) for qualityDrop and errorRate to speak. */
  readonly minComparable: number;
}

export type TriggerName = "newSamples" | "interval" | "calendar" | "qualityDrop" | "errorRate";

export interface TriggerReading {
  readonly name: TriggerName;
  readonly met: boolean;
  /** In the trigger's own unit: a count, milliseconds, or a share; null when it cannot be said yet. */
  readonly actual: number | null;
  readonly required: number;
  readonly words: string;
}

export interface Due {
  readonly due: boolean;
  readonly reason: string;
  readonly triggers: readonly TriggerReading[];
}

/**
 * A retrain is due when a trigger is met and nothing holds it back: the slot, too few ratings, or the cooldown, in this
 * order. All triggers that are switched on are read in any case, so that the page can show how far each one is.
 */
export function isDue(facts: TriggerFacts, thresholds: TriggerThresholds, asOf: Date): Due {
  const triggers = readTriggers(facts, thresholds, asOf);
  const held = heldBack(facts, thresholds, asOf);
  if (held !== null) return { due: false, reason: `not due: ${held}`, triggers };
  const met = triggers.filter((trigger) => trigger.met);
  if (met.length > 0) return { due: true, reason: `due: ${met.map((trigger) => trigger.words).join("; ")}`, triggers };
  const none =
    triggers.length === 0 ? "every trigger is switched off" : triggers.map((trigger) => trigger.words).join("; ");
  return { due: false, reason: `not due: ${none}`, triggers };
}

function heldBack(facts: TriggerFacts, thresholds: TriggerThresholds, asOf: Date): string | null {
  if (facts.slot !== null) return `${facts.slot.kind} running (${facts.slot.kind}/${facts.slot.id})`;
  if (facts.feedbackSinceTraining < thresholds.minFeedback) {
    return `${count(facts.feedbackSinceTraining)} of ${count(thresholds.minFeedback)} ratings since the last training run`;
  }
  if (facts.lastCycleAt === null) return null;
  const since = asOf.getTime() - facts.lastCycleAt.getTime();
  return since < thresholds.cooldown
    ? `cooling down, ${duration(since)} of ${duration(thresholds.cooldown)} since the last cycle`
    : null;
}

function readTriggers(facts: TriggerFacts, thresholds: TriggerThresholds, asOf: Date): TriggerReading[] {
  const { newSamples, interval, calendar, qualityDrop, errorRate, minComparable } = thresholds;
  const readings: TriggerReading[] = [];
  if (newSamples !== null) readings.push(readNewSamples(facts, newSamples));
  if (interval !== null) readings.push(readInterval(facts, interval, asOf));
  if (calendar !== null) readings.push(readCalendar(facts, calendar, asOf));
  if (qualityDrop !== null) readings.push(readQualityDrop(facts, qualityDrop, minComparable));
  if (errorRate !== null) readings.push(readErrorRate(facts, errorRate, minComparable));
  return readings;
}

function readNewSamples(facts: TriggerFacts, required: number): TriggerReading {
  const actual = facts.teachableSinceTraining;
  const words = `${count(actual)} of ${count(required)} new samples since the last training run`;
  return { name: "newSamples", met: actual >= required, actual, required, words };
}

function readInterval(facts: TriggerFacts, required: number, asOf: Date): TriggerReading {
  const actual = asOf.getTime() - (facts.lastTrainingAt ?? facts.createdAt).getTime();
  const since = facts.lastTrainingAt === null ? "the loop began" : "the last training run";
  return {
    name: "interval",
    met: actual >= required,
    actual,
    required,
    words: `${duration(actual)} of ${duration(required)} since ${since}`,
  };
}

/** A strike counts once, and waits while something holds it back: a cycle that has ended since has served it, even one that trained nothing. */
function readCalendar(facts: TriggerFacts, calendar: Calendar, asOf: Date): TriggerReading {
  const strike = lastStrike(calendar, asOf)?.getTime() ?? Number.NEGATIVE_INFINITY;
  const served = Math.max(
    facts.createdAt.getTime(),
    facts.lastTrainingAt?.getTime() ?? 0,
    facts.lastCycleAt?.getTime() ?? 0,
  );
  const met = strike > served;
  const when = `${calendar.days.join(", ")} at ${calendar.at} ${calendar.timeZone}`;
  const words = met ? `the calendar struck (${when})` : `the calendar has not struck since the last cycle (${when})`;
  return { name: "calendar", met, actual: met ? 1 : 0, required: 1, words };
}

function readQualityDrop(facts: TriggerFacts, required: number, minComparable: number): TriggerReading {
  const { recent, baseline } = facts;
  const fewest = Math.min(recent.up + recent.down, baseline.up + baseline.down);
  if (fewest < minComparable || baseline.up === 0) {
    const words = `approval cannot be compared yet (${count(fewest)} of ${count(minComparable)} ratings)`;
    return { name: "qualityDrop", met: false, actual: null, required, words };
  }
  const actual = 1 - recent.up / (recent.up + recent.down) / (baseline.up / (baseline.up + baseline.down));
  const from = `${approvalPercent(baseline)} % to ${approvalPercent(recent)} %`;
  const moved =
    actual > 0 ? `approval fell by ${percent(actual)} (from ${from})` : `approval did not fall (from ${from})`;
  return {
    name: "qualityDrop",
    met: atLeast(actual, required),
    actual,
    required,
    words: `${moved}, limit ${percent(required)}`,
  };
}

function readErrorRate(facts: TriggerFacts, required: number, minComparable: number): TriggerReading {
  const { requests, failedRequests } = facts;
  if (requests < minComparable) {
    const words = `errors cannot be judged yet (${count(requests)} of ${count(minComparable)} requests)`;
    return { name: "errorRate", met: false, actual: null, required, words };
  }
  const actual = failedRequests / requests;
  const words = `${percent(actual)} of ${count(requests)} requests failed, limit ${percent(required)}`;
  return { name: "errorRate", met: atLeast(actual, required), actual, required, words };
}

/** A fall from 0.80 to 0.72 is one of 10 %, whatever binary fractions make of it. */
function atLeast(actual: number, required: number): boolean {
  return actual >= required - 1e-12;
}
