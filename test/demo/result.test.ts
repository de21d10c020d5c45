import assert from "node:assert/strict";
import { test } from "node:test";
import { type DemoResult, NOTHING_YET, shortcoming } from "../../src/demo/result.ts";

const GOOD: DemoResult = {
  ...NOTHING_YET,
  champion_before: "sandbox-base",
  champion_after: "demo-v1",
  approval_before: 0.5,
  approval_after: 0.7,
  held_out_accuracy: { before: 0.5, after: 0.7 },
  ratings: 100,
};
const RECORD = { promotedBy: "first key", countedRatings: 100 };

test("a champion that was replaced by a better one falls short of nothing", () => {
  assert.equal(shortcoming(GOOD, RECORD), null);
});

test("whatever falls short is named", () => {
  const cases: [Partial<DemoResult>, Partial<typeof RECORD> | { promotedBy: null }, RegExp][] = [
    [{ champion_after: "sandbox-base" }, {}, /still sandbox-base/],
    [{ champion_after: null }, {}, /still sandbox-base/],
    [{}, { promotedBy: null }, /no promotion is on record/],
    [{}, { countedRatings: 99 }, /100 ratings were acknowledged, but only 99/],
    [{ held_out_accuracy: { before: 0.7, after: 0.7 } }, {}, /not more accurate/],
    [{ held_out_accuracy: { before: 0.7, after: null } }, {}, /not more accurate/],
    [{ approval_after: 0.4 }, {}, /do not approve/],
  ];
  for (const [result, record, words] of cases)
    assert.match(shortcoming({ ...GOOD, ...result }, { ...RECORD, ...record }) ?? "nothing", words);
});
