// A sample of the kill matrix: real processes die at named points of three lives, and nothing is lost, doubled or left behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CellResult } from "./cell.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { groupsOf } from "./matrix.ts";
import { SAMPLE_CELLS } from "./sample.ts";

let lanes: Lanes | undefined;
const results: CellResult[] = [];

before(async () => {
  lanes = await openLanes(2);
  await lanes.run(groupsOf(SAMPLE_CELLS, SAMPLE_CELLS.length), (result) => results.push(result));
});
after(() => lanes?.close());

for (const { point, victim } of SAMPLE_CELLS)
  test(`${victim} dies: ${point.name}`, () => {
    const result = results.find(({ cell }) => cell.point.name === point.name && cell.victim === victim);
    assert.deepEqual(result?.faults, [], result?.said.join("\n"));
    assert.notEqual(result?.recoverySeconds, null, "it went on afterwards");
  });
