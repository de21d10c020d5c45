import assert from "node:assert/strict";
import { test } from "node:test";
import { describeExperiment, experimentShape } from "../../src/cli/experiment-text.ts";
import { describeStatus, statusShape } from "../../src/cli/status-text.ts";
import { NAMES, RUNNING } from "./experiment-answer.ts";

const PHASES = [
  { share: 0.1, from: "2026-11-03T12:00:00.000Z", open: true },
  { share: 0.25, from: "2026-11-04T00:00:00.000Z", open: true },
  { share: 0.5, from: "2026-11-04T12:00:00.000Z", open: false },
];

function shown(more: Record<string, unknown> = {}): string {
  const names = new Map([...NAMES, ["m2", "tuned"]]);
  const answer = { ...RUNNING, share: 0.25, phases: PHASES, ...more };
  return describeExperiment(experimentShape.parse(answer), names).join("\n");
}
const looked = (ramp: unknown) => ({
  looks: [
    { number: 1, phase: "experiment", at: "2026-11-04T12:00:00.000Z", verdict: { kind: "hold", reason: "hold" }, ramp },
  ],
});

test("during a ramp the present share is told, with its phase, and what comes next", () => {
  assert.match(shown(), /^ *challenger +tuned, given 25\.0 % of users \(phase 2 of 3\)$/m);
  assert.match(shown(), /^ *next phase +50\.0 % of users from 2026-11-04 12:00 UTC on, at the first look at$/m);
  const opened = { kind: "open", phase: 2, words: "phase 2 opens" };
  assert.match(shown(looked(opened)), /^ *next phase +50\.0 % of users from/m);
});

test("a phase that waits says why", () => {
  const waits = { kind: "wait", phase: 3, words: "phase 3 of 3 waits: the experiment is paused" };
  assert.match(shown(looked(waits)), /^ *next phase +phase 3 of 3 waits: the experiment is paused$/m);
});

test("a fixed share, a last phase, and an experiment that nobody enters any more have no next phase", () => {
  const fixed = shown({ share: 0.1, phases: PHASES.slice(0, 1) });
  assert.match(fixed, /given 10\.0 % of users$/m);
  for (const text of [fixed, shown({ phases: PHASES.slice(0, 2) }), shown({ status: "probation" })])
    assert.doesNotMatch(text, /next phase/);
});

test("a pause says what it holds back", () => {
  const paused = shown({ paused_at: "2026-11-04T13:00:00.000Z" });
  assert.match(paused, /paused since 2026-11-04 13:00 UTC: it looks on, but no phase opens and nothing is promoted/);
});

test("the status tells the present share too", () => {
  const model = { name: "tuned", since: "2026-11-03T12:00:00.000Z" };
  const status = {
    loop: "demo",
    paused_at: null,
    settings_version: 1,
    usage: { total: 0, feedback_rate: 0, average_quality: null },
    total_retrains: 0,
    champion: model,
    challenger: model,
    readiness: { readiness: "ready", feedback_count: 0, needed_for_training: 0, approval_rate: 0, health: "good" },
    cycle: null,
    experiment: {
      status: "running",
      paused_at: null,
      share: 0.25,
      phases: PHASES,
      holdback: 0.05,
      challenger: model,
      champion: model,
      last_look: null,
    },
    alerts: [],
    last_pulse: null,
    next_pulse: null,
  };
  const lines = describeStatus(statusShape.parse(status), { ratings: 0, now: 0 }).join("\n");
  assert.match(lines, /running: tuned with 25\.0 % of users \(phase 2 of 3\); no look/);
});
