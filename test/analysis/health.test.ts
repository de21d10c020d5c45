import assert from "node:assert/strict";
import { test } from "node:test";
import { approvalPercent, healthOf, learningStatus, readinessOf } from "../../src/analysis/health.ts";

test("approval is in percent with one decimal, and 0 while nobody has rated", () => {
  assert.equal(approvalPercent({ up: 2, down: 1 }), 66.7);
  assert.equal(approvalPercent({ up: 3, down: 0 }), 100);
  assert.equal(approvalPercent({ up: 0, down: 0 }), 0);
});

test("health changes at 85 and at 75 percent, as they read", () => {
  assert.deepEqual([100, 85, 84.9, 75, 74.9, 0].map(healthOf), [
    "excellent",
    "excellent",
    "good",
    "good",
    "needs_improvement",
    "needs_improvement",
  ]);
  assert.equal(healthOf(approvalPercent({ up: 8496, down: 1504 })), "excellent");
});

test("readiness goes by the ratings since the last training run", () => {
  const thresholds = { minFeedback: 500, optimalFeedback: 1000 };
  assert.deepEqual(
    [499, 500, 999, 1000].map((feedback) => readinessOf(feedback, thresholds)),
    ["not_ready", "ready", "ready", "optimal"],
  );
});

test("the learning status says how many ratings are still needed", () => {
  const thresholds = { minFeedback: 500, optimalFeedback: 1000 };
  assert.deepEqual(learningStatus({ up: 800, down: 200 }, 120, thresholds), {
    ready_for_training: false,
    readiness: "not_ready",
    feedback_count: 120,
    needed_for_training: 380,
    approval_rate: 80,
    health: "good",
  });
  assert.equal(learningStatus({ up: 1, down: 0 }, 700, thresholds).needed_for_training, 0);
});
