import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurns } from "../../src/snapshot/in-turns.ts";

test("others get their turn between hundreds of items, and every item comes once and in order", async () => {
  let turns = 0;
  let working = true;
  const other = () => {
    turns += 1;
    if (working) setImmediate(other);
  };
  setImmediate(other);
  const seen: number[] = [];
  const items = Array.from({ length: 1_000 }, (_, index) => index);
  for await (const item of inTurns(items)) seen.push(item);
  working = false;
  assert.deepEqual(seen, items);
  assert.ok(turns >= 9, `${turns} turns`);
});
