import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExperimentParameters } from "../../src/domain/experiment.ts";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { phasesOf, presentShare } from "../../src/domain/phases.ts";
import { experimentParameters } from "../../src/evidence/experiment-parameters.ts";
import { HARM_TO_WAIT, type RampFacts, rampStep, shareInWords, speaksForHarm } from "../../src/evidence/ramp.ts";

const HOUR = 3_600_000;
const START = new Date("2026-11-03T12:00:00.000Z");
const at = (hours: number) => new Date(START.getTime() + hours * HOUR);
const RAMP = [{ share: 0.1 }, { share: 0.25, from: "12 hours" }, { share: 0.5, from: "24 hours" }];
const parametersOf = (experiment: Record<string, unknown>): ExperimentParameters =>
  experimentParameters(parseLoopSettings({ name: "ramped", experiment }), null);
const ramped = parametersOf({ ramp: RAMP });
const CLEAR: RampFacts = {
  startedAt: START,
  phasesOpen: 1,
  paused: false,
  logEHarm: null,
  fault: null,
  failed: [],
};
const stepAt = (hours: number, facts: Partial<RampFacts> = {}, parameters = ramped) =>
  rampStep(parameters, { ...CLEAR, ...facts }, at(hours));

test("a ramp is frozen as its final share, and phases by the part of either side that has entered", () => {
  assert.equal(ramped.share, 0.5);
  assert.deepEqual(ramped.ramp, [
    { share: 0.1, entered: 0.2, from: 0 },
    { share: 0.25, entered: 0.5, from: 12 * HOUR },
    { share: 0.5, entered: 1, from: 24 * HOUR },
  ]);
});

test("whatever the shares are, the last phase lets in exactly everybody", () => {
  for (const final of [0.3, 0.7, 0.1 + 0.2, 1 / 3, 0.9])
    assert.equal(parametersOf({ ramp: [{ share: 0.01 }, { share: final, from: "1 hour" }] }).ramp!.at(-1)!.entered, 1);
});

test("a fixed share is one phase that everybody enters, and so is an experiment that is switched off", () => {
  const fixed = parametersOf({ share: 0.2 });
  assert.deepEqual([fixed.share, phasesOf(fixed)], [0.2, [{ share: 0.2, entered: 1, from: 0 }]]);
  const off = parametersOf({ enabled: false, ramp: RAMP });
  assert.deepEqual([off.share, phasesOf(off)], [0, [{ share: 0, entered: 1, from: 0 }]]);
  assert.equal(stepAt(1000, {}, fixed), null);
});

test("a phase opens from its time on, and not a moment before", () => {
  assert.equal(stepAt(11.99), null);
  assert.equal(stepAt(12)?.kind, "open");
  assert.equal(stepAt(12)?.phase, 2);
  assert.match(stepAt(12)!.words, /^phase 2 of 3 \(25 % of the users\) opens/);
  assert.equal(stepAt(23.99, { phasesOpen: 2 }), null);
  assert.equal(stepAt(24, { phasesOpen: 2 })?.phase, 3);
  assert.equal(stepAt(1000, { phasesOpen: 3 }), null);
});

test("of two phases whose time has come, a look opens the first", () => {
  assert.equal(stepAt(30)?.phase, 2);
});

test("evidence of harm holds a phase back long before it rejects the challenger, and says so", () => {
  const close = Math.log(HARM_TO_WAIT);
  assert.equal(stepAt(12, { logEHarm: close - 1e-9 })?.kind, "open");
  const waits = stepAt(12, { logEHarm: close })!;
  assert.equal(waits.kind, "wait");
  assert.match(
    waits.words,
    /^phase 2 of 3 \(25 % of the users\) waits: .*looks worse \(evidence of harm 4\.0;.*from 20 on/,
  );
  assert.match(stepAt(12, { logEHarm: 400 })!.words, /evidence of harm over 1000;/);
});

test("nothing to compare yet speaks for no harm, but evidence that cannot be judged does", () => {
  assert.equal(stepAt(12, { logEHarm: null })?.kind, "open");
  assert.equal(stepAt(12, { logEHarm: Number.NaN })?.kind, "wait");
  assert.match(stepAt(12, { fault: "phi is 0" })!.words, /waits: the evidence cannot be judged: phi is 0$/);
});

test("a check that failed holds a phase back, by its name and in its words", () => {
  const failed = [
    { name: "sample ratio", words: "12 % for 10 %" },
    { name: "error rate", words: "3 % against 1 %" },
  ];
  assert.match(stepAt(12, { failed })!.words, /waits: sample ratio \(12 % for 10 %\), error rate \(3 % against 1 %\)$/);
});

test("a check speaks for harm when it is alarmed, rejects, or is well on its way to failing, and not for want of evidence", () => {
  const check = { name: "one", passed: false, acts: "blocks", alarm: false, words: "", numbers: {} } as const;
  assert.equal(speaksForHarm(check), false);
  assert.equal(speaksForHarm({ ...check, numbers: { logEFail: Math.log(3) } }), false);
  assert.equal(speaksForHarm({ ...check, numbers: { logEFail: Math.log(5) } }), true);
  assert.equal(speaksForHarm({ ...check, alarm: true }), true);
  assert.equal(speaksForHarm({ ...check, acts: "rejects" }), true);
  assert.equal(speaksForHarm({ ...check, acts: "asks" }), false);
  assert.equal(speaksForHarm({ ...check, alarm: true, passed: true }), false);
});

test("while it is paused no phase opens", () => {
  assert.match(stepAt(12, { paused: true })!.words, /waits: the experiment is paused$/);
});

test("the share is the present one, said with its phase", () => {
  assert.deepEqual(
    [1, 2, 3].map((open) => presentShare(ramped, open)),
    [0.1, 0.25, 0.5],
  );
  assert.equal(shareInWords(ramped, 2), "25 % of the users (phase 2 of 3)");
  assert.equal(shareInWords(parametersOf({ share: 0.1 }), 1), "10 % of the users");
});
