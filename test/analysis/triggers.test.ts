import assert from "node:assert/strict";
import { test } from "node:test";
import { isDue, type TriggerFacts, type TriggerThresholds } from "../../src/analysis/triggers.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ASOF = new Date("2026-02-04T12:00:00Z");
const ago = (milliseconds: number) => new Date(ASOF.getTime() - milliseconds);

const QUIET: TriggerFacts = {
  feedbackSinceTraining: 600,
  teachableSinceTraining: 412,
  lastTrainingAt: ago(2 * DAY),
  lastCycleAt: ago(2 * DAY),
  createdAt: ago(90 * DAY),
  recent: { up: 80, down: 20 },
  baseline: { up: 800, down: 200 },
  requests: 1000,
  failedRequests: 10,
  slot: null,
};
const THRESHOLDS: TriggerThresholds = {
  newSamples: 1000,
  interval: 7 * DAY,
  calendar: null,
  qualityDrop: 0.1,
  errorRate: 0.2,
  cooldown: DAY,
  minFeedback: 500,
  minComparable: 50,
};

function due(facts: Partial<TriggerFacts>, thresholds: Partial<TriggerThresholds> = {}) {
  return isDue({ ...QUIET, ...facts }, { ...THRESHOLDS, ...thresholds }, ASOF);
}

function met(facts: Partial<TriggerFacts>, thresholds: Partial<TriggerThresholds> = {}): string[] {
  return due(facts, thresholds)
    .triggers.filter((trigger) => trigger.met)
    .map((trigger) => trigger.name);
}

test("while nothing is met the reason says how far each trigger is", () => {
  const { due: is, reason } = due({});
  assert.equal(is, false);
  assert.equal(
    reason,
    "not due: 412 of 1,000 new samples since the last training run; 2 days of 7 days since the last training run; " +
      "approval did not fall (from 80 % to 80 %), limit 10 %; 1 % of 1,000 requests failed, limit 20 %",
  );
});

test("enough new samples make a retrain due", () => {
  assert.equal(due({ teachableSinceTraining: 999 }).due, false);
  const { due: is, reason } = due({ teachableSinceTraining: 1204 });
  assert.equal(is, true);
  assert.equal(reason, "due: 1,204 of 1,000 new samples since the last training run");
});

test("the interval counts from the last training run, before the first one from the loop's beginning", () => {
  assert.deepEqual(met({ lastTrainingAt: ago(7 * DAY - 1) }), []);
  assert.deepEqual(met({ lastTrainingAt: ago(7 * DAY) }), ["interval"]);
  const { reason } = due({ lastTrainingAt: null, lastCycleAt: null });
  assert.equal(reason, "due: 90 days of 7 days since the loop began");
});

test("the calendar's strike counts once, and only when it came after the last cycle", () => {
  const calendar = { days: ["sunday"], at: "03:00", timeZone: "UTC" } as const;
  assert.deepEqual(met({}, { calendar }), []);
  assert.deepEqual(met({ lastTrainingAt: ago(5 * DAY), lastCycleAt: ago(5 * DAY) }, { calendar }), ["calendar"]);
  assert.deepEqual(met({ lastTrainingAt: ago(5 * DAY), lastCycleAt: ago(3 * DAY) }, { calendar }), []);
});

test("a drop of approval is relative to the baseline, and exact at its limit", () => {
  assert.deepEqual(met({ recent: { up: 72, down: 28 } }), ["qualityDrop"]);
  assert.deepEqual(met({ recent: { up: 73, down: 27 } }), []);
  assert.match(
    due({ recent: { up: 70, down: 30 } }).reason,
    /approval fell by 12.5 % \(from 80 % to 70 %\), limit 10 %/,
  );
});

test("too few ratings or requests say that they cannot be judged", () => {
  const { due: is, triggers } = due({ recent: { up: 0, down: 49 }, requests: 49, failedRequests: 49 });
  assert.equal(is, false);
  assert.match(triggers.map((trigger) => trigger.words).join(), /49 of 50 ratings.*49 of 50 requests/);
});

test("errors make a retrain due from their share on", () => {
  assert.deepEqual(met({ failedRequests: 199 }), []);
  assert.deepEqual(met({ failedRequests: 200 }), ["errorRate"]);
});

test("the slot, too few ratings and the cooldown hold back a trigger that is met, in this order", () => {
  const ready = { teachableSinceTraining: 5000 };
  const slot = { kind: "experiment", id: "0198" } as const;
  const few = { feedbackSinceTraining: 312 };
  const recent = { lastCycleAt: ago(3.25 * HOUR) };
  const reasons = [
    due({ ...ready, slot, ...few, ...recent }),
    due({ ...ready, ...few, ...recent }),
    due({ ...ready, ...recent }),
  ];
  assert.deepEqual(
    reasons.map((one) => [one.due, one.reason]),
    [
      [false, "not due: experiment running (experiment/0198)"],
      [false, "not due: 312 of 500 ratings since the last training run"],
      [false, "not due: cooling down, 3.2 hours of 24 hours since the last cycle"],
    ],
  );
  for (const held of reasons) assert.equal(held.triggers[0]?.met, true);
});

test("a cooldown is over when it is over", () => {
  assert.equal(due({ teachableSinceTraining: 5000, lastCycleAt: ago(DAY) }).due, true);
  assert.equal(due({ teachableSinceTraining: 5000, lastCycleAt: ago(DAY - 1) }).due, false);
});

test("a loop with every trigger switched off says so", () => {
  const off = { newSamples: null, interval: null, calendar: null, qualityDrop: null, errorRate: null };
  assert.deepEqual(due({}, off), { due: false, reason: "not due: every trigger is switched off", triggers: [] });
});
