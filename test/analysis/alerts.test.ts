import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AlertFacts,
  type AlertThresholds,
  conditions,
  LEAST_NUMBERS,
  reconcileAlerts,
} from "../../src/analysis/alerts.ts";

const WELL: AlertFacts = {
  overall: { up: 90, down: 10 },
  byAction: [
    { actionType: "todo", up: 45, down: 5 },
    { actionType: "meal", up: 45, down: 5 },
  ],
  downToday: 2,
  downByDay: [1, 2, 3, 2],
  requests: 1000,
  failedRequests: 5,
};
const THRESHOLDS: AlertThresholds = {
  approvalBelow: 0.8,
  actionApprovalBelow: 0.85,
  spike: 3,
  errorRate: 0.2,
  ...LEAST_NUMBERS,
};

function kinds(facts: Partial<AlertFacts>, thresholds: Partial<AlertThresholds> = {}): string[] {
  return conditions({ ...WELL, ...facts }, { ...THRESHOLDS, ...thresholds }).map(({ kind, subject }) =>
    `${kind} ${subject}`.trim(),
  );
}

test("an assistant that does well raises no condition", () => {
  assert.deepEqual(kinds({}), []);
});

test("approval below the limit is a condition, at the limit it is none", () => {
  assert.deepEqual(kinds({ overall: { up: 80, down: 20 } }), []);
  const [condition] = conditions({ ...WELL, overall: { up: 79, down: 21 } }, THRESHOLDS);
  assert.equal(condition?.words, "approval is 79 % of 100 ratings, below 80 %");
  assert.deepEqual(condition?.numbers, { approval: 0.79, ratings: 100, below: 0.8 });
});

test("each action has its own limit, and enough ratings before it speaks", () => {
  const byAction = [
    { actionType: "todo", up: 16, down: 4 },
    { actionType: "meal", up: 0, down: 19 },
  ];
  assert.deepEqual(kinds({ byAction }), ["action_approval todo"]);
});

test("a spike is so many times the trailing mean, and never a handful of angry people", () => {
  assert.deepEqual(kinds({ downToday: 6 }), ["spike"]);
  assert.deepEqual(kinds({ downToday: 5 }), []);
  assert.deepEqual(kinds({ downToday: 4, downByDay: [0, 0, 0] }), []);
  assert.deepEqual(kinds({ downToday: 5, downByDay: [0, 0, 0] }), ["spike"]);
  assert.deepEqual(kinds({ downToday: 500, downByDay: [] }), []);
});

test("errors from their limit on are a condition", () => {
  assert.deepEqual(kinds({ failedRequests: 199 }), []);
  assert.deepEqual(kinds({ failedRequests: 200 }), ["error_rate"]);
});

test("a condition that is switched off never holds", () => {
  const bad: AlertFacts = {
    ...WELL,
    overall: { up: 0, down: 99 },
    byAction: [{ actionType: "todo", up: 0, down: 99 }],
    downToday: 99,
    failedRequests: 999,
  };
  assert.equal(kinds(bad).length, 4);
  assert.deepEqual(kinds(bad, { approvalBelow: null, actionApprovalBelow: null, spike: null, errorRate: null }), []);
});

test("alerts open once, stay while the condition holds, and close when it does not", () => {
  const holding = conditions({ ...WELL, overall: { up: 1, down: 99 }, failedRequests: 500 }, THRESHOLDS);
  const first = reconcileAlerts([], holding);
  assert.deepEqual(
    first.open.map(({ kind }) => kind),
    ["approval", "error_rate"],
  );
  const open = first.open.map((condition, index) => ({ id: index, ...condition }));
  assert.deepEqual(reconcileAlerts(open, holding), { open: [], close: [] });
  const later = reconcileAlerts(open, conditions({ ...WELL, overall: { up: 1, down: 99 }, downToday: 50 }, THRESHOLDS));
  assert.deepEqual(
    later.open.map(({ kind }) => kind),
    ["spike"],
  );
  assert.deepEqual(
    later.close.map(({ id }) => id),
    [1],
  );
});

test("two actions are two alerts", () => {
  const low = (actionType: string) => ({ actionType, up: 0, down: 50 });
  const holding = conditions({ ...WELL, byAction: [low("todo"), low("meal")] }, THRESHOLDS);
  assert.deepEqual(
    reconcileAlerts([{ kind: "action_approval", subject: "todo" }], holding).open.map(({ subject }) => subject),
    ["meal"],
  );
});
