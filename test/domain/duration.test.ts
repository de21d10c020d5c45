import assert from "node:assert/strict";
import { test } from "node:test";
import { durationFault, inWords, milliseconds } from "../../src/domain/duration.ts";

test("durations in words are milliseconds", () => {
  const known: [string, number][] = [
    ["1 millisecond", 1],
    ["250 milliseconds", 250],
    ["1 second", 1_000],
    ["30 minutes", 1_800_000],
    ["48 hours", 172_800_000],
    ["7 days", 604_800_000],
    ["2 weeks", 1_209_600_000],
    ["6 months", 15_552_000_000],
    ["1.5 hours", 5_400_000],
    ["0 seconds", 0],
    ["1 hours", 3_600_000],
    ["2 hour", 7_200_000],
    ["  3   DAYS ", 259_200_000],
    ["5minutes", 300_000],
  ];
  for (const [text, expected] of known) assert.equal(milliseconds(text), expected, text);
});

test("what is not a duration says how to write one", () => {
  for (const text of [
    "",
    " ",
    "soon",
    "30",
    "minutes",
    "-1 hours",
    "+1 hour",
    "1,5 hours",
    "1e3 seconds",
    ".5 hours",
    "5. hours",
    "1 fortnight",
    "3 constructor",
    "3 constructors",
    "1 hour 30 minutes",
    "1 hourss",
    "NaN days",
    "Infinity days",
    "１ day",
  ]) {
    assert.match(durationFault(text) ?? "", /is not a duration: write a number and a unit, as "30 minutes"/, text);
    assert.throws(() => milliseconds(text), RangeError, text);
  }
});

test("durations are told in the largest unit that keeps them short", () => {
  const told: [number, string][] = [
    [172_800_000, "2 days"],
    [86_400_000, "24 hours"],
    [5_400_000, "90 minutes"],
    [3_600_000, "60 minutes"],
    [60_000, "60 seconds"],
    [1_000, "1 second"],
    [2_500, "2.5 seconds"],
    [999, "999 milliseconds"],
    [0, "0 milliseconds"],
    [7 * 86_400_000, "7 days"],
    [2.25 * 86_400_000, "2.3 days"],
  ];
  for (const [ms, words] of told) assert.equal(inWords(ms), words);
});

test("what is told can be read again", () => {
  for (const ms of [1_000, 90_000, 5_400_000, 172_800_000, 604_800_000]) assert.equal(milliseconds(inWords(ms)), ms);
});
