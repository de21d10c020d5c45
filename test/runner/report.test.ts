import assert from "node:assert/strict";
import { test } from "node:test";
import { isGood, type Outcome, outcomeLines, summaryLines } from "./report.ts";

const good: Outcome = { name: "a.test.ts", passed: 3, failed: 0, skipped: 1, seconds: 1.25, failures: [], output: "" };
const bad: Outcome = {
  name: "b.test.ts",
  passed: 1,
  failed: 1,
  skipped: 0,
  seconds: 9,
  failures: [{ name: "it works", place: "b.test.ts", details: "AssertionError: no\n    at b.test.ts:7" }],
  output: "a server said so",
};

test("a failure is told with name, file, message and stack, and what the file wrote", () => {
  const text = outcomeLines(bad).join("\n");
  for (const part of [
    "✘ b.test.ts: 1 failed, 1 passed (9.0 s)",
    "it works",
    "AssertionError: no",
    "at b.test.ts:7",
    "a server said so",
  ])
    assert.ok(text.includes(part), part);
  assert.deepEqual(outcomeLines(good), ["✔ a.test.ts: 3 passed, 1 skipped (1.3 s)"]);
});

test("the last line holds the counts, and the slowest stand first", () => {
  const lines = summaryLines([good, bad]);
  assert.equal(lines.at(-1), "4 passed, 1 failed, 1 skipped");
  assert.ok(lines.indexOf("     9.0 s  b.test.ts") < lines.indexOf("     1.3 s  a.test.ts"));
  assert.ok(lines.includes("  b.test.ts: it works"));
  assert.equal(summaryLines([{ ...good, skipped: 0 }]).at(-1), "3 passed, 0 failed");
});

test("a run is good when something passed and nothing failed", () => {
  assert.equal(isGood([good]), true);
  assert.equal(isGood([good, bad]), false);
  assert.equal(isGood([]), false);
  assert.equal(isGood([{ ...good, passed: 0 }]), false);
});
