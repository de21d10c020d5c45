import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSegments, eBenjaminiHochberg } from "../../../src/evidence/checks/segments.ts";
import { side } from "../sides.ts";

const segment = (name: string, challenger: number, users = 100) => ({
  name,
  strata: [{ champion: side(400, 0.8), challenger: side(users, challenger) }],
});

test("e-BH flags the largest k with e_(k) at or above m/(k·alpha), and nothing else", () => {
  const logs = (...values: number[]) => values.map(Math.log);
  assert.deepEqual(eBenjaminiHochberg([], 0.05), []);
  assert.deepEqual(eBenjaminiHochberg(logs(20), 0.05), [0]);
  assert.deepEqual(eBenjaminiHochberg(logs(19.9), 0.05), []);
  // Of four, one must reach 80; two must reach 40 each.
  assert.deepEqual(eBenjaminiHochberg(logs(79, 1, 0.1, 2), 0.05), []);
  assert.deepEqual(eBenjaminiHochberg(logs(1, 81, 0.1, 2), 0.05), [1]);
  assert.deepEqual(eBenjaminiHochberg(logs(41, 1, 79, 2), 0.05).toSorted(), [0, 2]);
});

test("an action type that gets worse is flagged and needs a person, though the others are better", () => {
  const check = checkSegments([segment("todo", 0.9), segment("lights", 0.55), segment("music", 0.92)], 0.06);
  assert.deepEqual([check.passed, check.acts, check.alarm, check.numbers.flagged], [false, "asks", true, 1]);
  assert.equal(check.words, '"lights" got worse (approval 55 % against 80 %, −25 pp)');
});

test("segments that are alike or better pass, in any order", () => {
  const segments = [segment("todo", 0.8), segment("lights", 0.9)];
  const check = checkSegments(segments, 0.06);
  assert.equal(check.passed, true);
  assert.match(check.words, /^no harm seen in any of the 2 action types/);
  assert.deepEqual(checkSegments(segments.toReversed(), 0.06), check);
});

test("a segment of a few users is not judged, and no segments are no flag", () => {
  const check = checkSegments([segment("todo", 0, 14)], 0.06);
  assert.deepEqual([check.passed, check.told, check.numbers.judged], [true, "not checked", 0]);
  assert.equal(check.words, "no action type has the 40 ratings from 15 users on each side that it takes");
  assert.equal(checkSegments([], 0.06).passed, true);
});

test("the more segments there are, the more it takes to flag one", () => {
  const harmed = segment("lights", 0.72);
  const others = Array.from({ length: 30 }, (_, place) => segment(`other ${place}`, 0.8));
  assert.equal(checkSegments([harmed], 0.06).passed, false);
  assert.equal(checkSegments([harmed, ...others], 0.06).passed, true);
});
