import assert from "node:assert/strict";
import { test } from "node:test";
import { type AaCounts, atLeast, calibrationOf } from "../../src/evidence/calibration.ts";
import { assertClose } from "./assert-close.ts";

const counts = (finished: number, more: Partial<AaCounts> = {}): AaCounts => ({
  finished,
  promoted: 0,
  asked: 0,
  harmful: 0,
  guardrail: 0,
  futile: finished,
  outOfTime: 0,
  cutShort: 0,
  ...more,
});

test("the chance of so many or more is the binomial tail", () => {
  assert.equal(atLeast(0, 10, 0.05), 1);
  assertClose(atLeast(1, 10, 0.05), 1 - 0.95 ** 10, 1e-12, "one or more of ten");
  assertClose(atLeast(3, 12, 0.05), 0.019568, 1e-4, "three or more of twelve");
  assert.ok(atLeast(10, 10, 0.05) < 1e-12, "all of ten");
});

test("none of some says how few false promotions there surely are, and more of them say it better", () => {
  const few = calibrationOf(counts(12));
  assertClose(few.atMost, 1 - 0.05 ** (1 / 12), 1e-9, "Clopper and Pearson");
  assert.match(
    few.words,
    /^of 12 experiments of the champion with itself none would have promoted it, and none found harm/,
  );
  assert.match(few.words, /surely fewer than 22\.1 %, which more experiments will narrow$/);
  const many = calibrationOf(counts(59));
  assert.ok(many.explained && many.atMost < 0.05);
  assert.match(many.words, /surely fewer than 5 %$/);
});

test("more than chance explains is said plainly, whether promoted or harmful", () => {
  for (const found of [{ promoted: 4 }, { harmful: 4 }]) {
    const { explained, words } = calibrationOf(counts(12, found));
    assert.equal(explained, false);
    assert.match(words, /more than chance explains: trust no verdict until it is found out why/);
  }
  assert.equal(calibrationOf(counts(12, { promoted: 2 })).explained, true, "two of twelve may be chance");
  assert.equal(calibrationOf(counts(12, { promoted: 4, asked: 4 })).explained, true, "a person would have been asked");
});

test("nothing finished says nothing, and all promoted still gives a bound", () => {
  assert.deepEqual(calibrationOf(counts(0)), {
    atMost: 1,
    explained: true,
    words: "no experiment of the champion with itself has come to its end yet",
  });
  assert.equal(calibrationOf(counts(3, { promoted: 3 })).atMost, 1);
});
