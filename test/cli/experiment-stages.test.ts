// What `ratchet experiment show` says of an experiment in each of its stages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeExperiment, experimentShape } from "../../src/cli/experiment-text.ts";
import { NAMES, RUNNING } from "./experiment-answer.ts";

const shown = (changes: Record<string, unknown>) =>
  describeExperiment(experimentShape.parse({ ...RUNNING, ...changes }), NAMES).join("\n");
/** The same with lines that are not broken, whatever the terminal's width. */
const unbroken = (changes: Record<string, unknown>) => shown(changes).replace(/\n {2,}/g, " ");
const LOOK = {
  number: 7,
  phase: "experiment",
  at: "2026-03-01T13:30:00.000Z",
  verdict: {
    kind: "hold",
    reason: "hold: too few",
    numbers: {
      championRate: 0.5,
      challengerRate: 0.9,
      difference: 0.4,
      lower: -3.4,
      upper: 3.6,
      users: { champion: 20, challenger: 2 },
      ratings: { champion: 40, challenger: 3 },
    },
  },
};

test("a running experiment says whom it compares, and when the next look comes", () => {
  assert.match(shown({}), /champion +base\nchallenger +loop-v1, given 10\.0 % of users/);
  assert.match(shown({}), /looks +none yet, the next about .*10:30/);
  assert.match(shown({ looks: [LOOK] }), /looks +7, the last .*13:30.*, the next about .*14:00/);
});

test("a bound beyond a hundred points is none, and not shown", () => {
  const at = (lower: number, upper: number) =>
    unbroken({
      looks: [{ ...LOOK, verdict: { ...LOOK.verdict, numbers: { ...LOOK.verdict.numbers, lower, upper } } }],
    });
  assert.match(at(0.1, 3), /^difference +\+40 pp, at least \+10 pp$/m);
  assert.match(at(-3, 0.7), /^difference +\+40 pp, at most \+70 pp$/m);
  assert.match(
    unbroken({ looks: [LOOK] }),
    /approval +champion 50 % \(40 ratings of 20 users\), challenger 90 % \(3 ratings of 2 users\)\ndifference +\+40 pp, and far too few to tell$/m,
  );
});

test("what the rule goes by is named, in its own unit: quality, or feedback whose lower is better", () => {
  const look = {
    ...LOOK,
    verdict: { ...LOOK.verdict, numbers: { ...LOOK.verdict.numbers, lower: -0.02, upper: 0.81 } },
  };
  const quality = unbroken({ looks: [look], parameters: { ...RUNNING.parameters, primary: "quality" } });
  assert.match(
    quality,
    /^quality +champion 0\.5 \(40 answers of 20 users\), challenger 0\.9 \(3 answers of 2 users\)$/m,
  );
  assert.match(quality, /^difference +\+0\.4, between −0\.02 and \+0\.81$/m);
  const metrics = [{ name: "effort", better: "lower", margin: 0.5 }];
  const effort = unbroken({ looks: [look], parameters: { ...RUNNING.parameters, primary: "effort", metrics } });
  assert.match(effort, /^"effort" +champion 0\.5 \(40 values of 20 users\), .*; lower is better$/m);
  for (const text of [quality, effort]) assert.doesNotMatch(text, /approval| pp/);
});

test("a pause says what it holds back", () => {
  assert.match(
    shown({ paused_at: "2026-03-01T12:00:00Z" }),
    /paused since .*: it looks on, but no phase opens and nothing is promoted until it is resumed/,
  );
});

test("an experiment whose model was rolled back after its probation says so", () => {
  const rolled_back = { at: "2026-03-09T10:00:00.000Z", by: "ada", reason: "complaints" };
  const over = { status: "closed", outcome: "promoted", outcome_reason: "probation passed", rolled_back };
  assert.match(unbroken(over), /^rolled back +2026-03-09 10:00 UTC by ada: complaints$/m);
  assert.doesNotMatch(unbroken({ ...over, rolled_back: null }), /rolled back/);
});

test("in probation the champion is who was promoted, and the former one stands by for the holdback", () => {
  const text = shown({ status: "probation", probation_until: "2026-03-05T10:00:00Z" });
  assert.match(text, /champion +loop-v1, promoted\nstandby +base, the champion before, kept for 5\.0 % of users/);
  assert.doesNotMatch(text, /challenger/);
});

test("what waits for approval says when that cannot be given, since when, and what stands in the way", () => {
  const changes = { name: "changes", passed: false, acts: "holds", alarm: true, words: "the prompt has changed" };
  const asks = { name: "feedback rate", passed: false, acts: "asks", words: "not shown" };
  const at = (number: number, hour: number, ...checks: unknown[]) => ({
    ...LOOK,
    number,
    at: `2026-03-03T${hour}:23:00.000Z`,
    verdict: { ...LOOK.verdict, checks },
  });
  const waits = { status: "awaiting_approval", approval_until: "2026-03-10T10:00:00Z" };
  const free = unbroken({ ...waits, looks: [at(1, 20, changes), at(2, 21, asks)] });
  assert.match(free, /^Experiment e1 of loop: waits for approval until [^,]*$/m);
  const held = unbroken({ ...waits, looks: [at(1, 20, changes), at(2, 21), at(3, 22, changes), at(4, 23, changes)] });
  assert.match(
    held,
    /waits for approval until .*, which cannot be given now: since .*22:23.* the check of changes stands in the way$/m,
  );
  const paused = unbroken({ ...waits, paused_at: "2026-03-03T12:00:00Z", looks: [at(1, 20)] });
  assert.match(paused, /waits for approval until .*, which cannot be given now: it is paused since .*12:00/);
});
