// What `ratchet experiment show` says of an experiment in each of its stages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeExperiment, experimentShape } from "../../src/cli/experiment-text.ts";
import { NAMES, RUNNING } from "./experiment-answer.ts";

const shown = (changes: Record<string, unknown>) =>
  describeExperiment(experimentShape.parse({ ...RUNNING, ...changes }), NAMES).join("\n");
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

test("no difference of shares is shown beyond a hundred points", () => {
  assert.match(shown({ looks: [LOOK] }), /\+40\.0 percentage points, between -100\.0 and \+100\.0/);
});

test("a pause says what it holds back", () => {
  assert.match(
    shown({ paused_at: "2026-03-01T12:00:00Z" }),
    /paused since .*: it looks on, but no phase opens and nothing is promoted until it is resumed/,
  );
});

test("in probation the champion is who was promoted, and the former one stands by for the holdback", () => {
  const text = shown({ status: "probation", probation_until: "2026-03-05T10:00:00Z" });
  assert.match(text, /champion +loop-v1, promoted\nstandby +base, the champion before, kept for 5\.0 % of users/);
  assert.doesNotMatch(text, /challenger/);
});
