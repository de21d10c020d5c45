import assert from "node:assert/strict";
import { test } from "node:test";
import { type FailedPrompt, failurePatterns, patternKey } from "../../src/analysis/patterns.ts";

const ASOF = new Date("2026-02-15T00:00:00Z");
const DAY = 86_400_000;

function failed(id: string, prompt: string, daysAgo: number, actionType: string | null = null): FailedPrompt {
  return { interactionId: id, at: new Date(ASOF.getTime() - daysAgo * DAY), prompt, actionType };
}

test("case, numbers, punctuation, order and politeness make no difference to the key", () => {
  const key = patternKey("Remind me at 5 to call Mum!");
  assert.equal(patternKey("please, remind me at 10 to call mum"), key);
  assert.equal(patternKey("call MUM … remind me at 7:30"), key);
  assert.notEqual(patternKey("Remind me at 5 to call Dad!"), key);
});

test("a prompt of nothing but polite words, and one in a script without spaces, still have a key", () => {
  assert.equal(patternKey("Hello, thanks!"), "hello thanks");
  assert.equal(patternKey("明天8点提醒我"), "明天0点提醒我");
  assert.equal(patternKey("?!"), "");
});

test("more than twice makes a pattern, and twice does not", () => {
  const rows = [
    failed("a", "play jazz", 1),
    failed("b", "Play jazz!", 2),
    failed("c", "order pizza", 1),
    failed("d", "order pizza", 2),
    failed("e", "order pizza.", 3),
  ];
  const patterns = failurePatterns(rows, { asOf: ASOF });
  assert.deepEqual(
    patterns.map(({ prompt, count, examples }) => ({ prompt, count, examples })),
    [{ prompt: "order pizza", count: 3, examples: ["c", "d", "e"] }],
  );
});

test("one interaction counts once however many people rated it down", () => {
  const rows = [failed("a", "play jazz", 1), failed("a", "play jazz", 1), failed("b", "play jazz", 1)];
  assert.deepEqual(failurePatterns(rows, { asOf: ASOF }), []);
});

test("the trend compares this week with the one before", () => {
  const at = (...days: number[]) => days.map((day, index) => failed(`${index}`, "play jazz", day, "music"));
  const trend = (...days: number[]) => failurePatterns(at(...days), { asOf: ASOF })[0]?.trend;
  assert.deepEqual(trend(1, 2, 6.9, 7), { recent: 3, before: 1, direction: "rising" });
  assert.deepEqual(trend(1, 8, 9), { recent: 1, before: 2, direction: "falling" });
  assert.deepEqual(trend(30, 31, 32), { recent: 0, before: 0, direction: "steady" });
});

test("a pattern says which actions it met, when it began and when it was seen last", () => {
  const [pattern] = failurePatterns(
    [failed("a", "x y", 3, "todo"), failed("b", "X y", 1, "meal"), failed("c", "y x", 2, null)],
    { asOf: ASOF },
  );
  assert.deepEqual(pattern?.actionTypes, ["meal", "todo"]);
  assert.equal(pattern?.prompt, "X y");
  assert.equal(pattern?.firstAt.getTime(), ASOF.getTime() - 3 * DAY);
  assert.equal(pattern?.lastAt.getTime(), ASOF.getTime() - DAY);
});

test("the twenty most frequent are told, and five examples of each", () => {
  const rows = Array.from({ length: 25 }, (_, kind) =>
    Array.from({ length: 3 + kind }, (_, number) =>
      failed(`${kind}-${number}`, `topic ${String.fromCharCode(97 + kind)}`, number),
    ),
  ).flat();
  const patterns = failurePatterns(rows, { asOf: ASOF });
  assert.equal(patterns.length, 20);
  assert.deepEqual(
    patterns.slice(0, 2).map(({ count }) => count),
    [27, 26],
  );
  assert.deepEqual(patterns[0]?.examples, ["24-0", "24-1", "24-2", "24-3", "24-4"]);
  assert.deepEqual(failurePatterns(rows.toReversed(), { asOf: ASOF }), patterns);
});
