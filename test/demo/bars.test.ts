import assert from "node:assert/strict";
import { test } from "node:test";
import { bar, intervalLine, scaleLine } from "../../src/demo/bars.ts";

const SCALE = { from: -0.5, to: 0.5 };

test("a bar is as long as its share, to an eighth of a character, and padded", () => {
  assert.equal(bar(0, 4), "    ");
  assert.equal(bar(0.5, 4), "██  ");
  assert.equal(bar(1, 4), "████");
  assert.equal(bar(0.28, 4), "█▏  ");
  assert.equal(bar(1.2, 4), "████");
  assert.equal(bar(-0.2, 4), "    ");
});

test("an interval stands on its scale, with 0 marked", () => {
  assert.equal(intervalLine({ lower: 0.1, middle: 0.2, upper: 0.4 }, SCALE, 21), "          │ [─●───]  ");
  assert.equal(intervalLine({ lower: -0.2, middle: 0.1, upper: 0.4 }, SCALE, 21), "      [───┼─●─────]  ");
});

test("what lies beyond the scale is marked at its edge", () => {
  assert.equal(intervalLine({ lower: -3, middle: 0.1, upper: 2 }, SCALE, 21), "‹─────────┼─●───────›");
  assert.equal(intervalLine({ lower: -3, middle: -1, upper: 0.2 }, SCALE, 21), "●─────────┼───]      ");
});

test("the scale's ends and its 0 stand where intervals have them", () => {
  const scale = scaleLine(SCALE, 21);
  assert.equal(scale, "−50 pp    0    +50 pp");
  assert.equal(scale.indexOf("0", 4), intervalLine({ lower: 0.3, middle: 0.4, upper: 0.5 }, SCALE, 21).indexOf("│"));
});
