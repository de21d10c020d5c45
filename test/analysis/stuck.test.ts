import assert from "node:assert/strict";
import { test } from "node:test";
import { longestIn, longestUnseen, stuckFor } from "../../src/analysis/stuck.ts";

const HOUR = 3_600_000;
const SINCE = new Date("2026-11-03T12:00:00.000Z");
const later = (hours: number) => new Date(SINCE.getTime() + hours * HOUR);

test("what stands no longer than it may is not stuck; what does is, with how long", () => {
  assert.equal(stuckFor("it stands", SINCE, 3 * HOUR, later(3)), null);
  assert.match(
    stuckFor("it stands", SINCE, 3 * HOUR, later(4)) ?? "",
    /^it stands for 4 hours, and holds the loop's slot/,
  );
});

test("training may take as long as its deadline, also when that is longer than any other stage", () => {
  assert.equal(longestIn("poll", 48 * HOUR), 48 * HOUR);
  assert.equal(longestIn("train", HOUR), HOUR);
  assert.equal(longestIn("evaluate", HOUR), 12 * HOUR);
});

test("an experiment may miss three looks, and is given some minutes however often it is looked at", () => {
  assert.equal(longestUnseen(HOUR), 3 * HOUR);
  assert.equal(longestUnseen(1_000), HOUR / 6);
});
