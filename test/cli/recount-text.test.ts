// What a recount says: each wrong tally with the plainest number that shows it, and what stays as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeComparison, describeRecount, recountShape } from "../../src/cli/recount-text.ts";

const SUMS = { users: 129, sumY: 100, sumK: 400, sumYY: 100, sumYK: 300, sumKK: 1400 };
const wrong = (counted: Partial<typeof SUMS>, where: Record<string, unknown> = {}) => ({
  phase: "experiment",
  metric: "approval",
  variant: "challenger",
  stratum: 0,
  kept: SUMS,
  counted: { ...SUMS, ...counted },
  ...where,
});
const found = (more: Record<string, unknown> = {}) =>
  recountShape.parse({ status: "running", tallies: 24, wrong: [], wrong_units: 0, ...more });

test("tallies that are right are said to be as they were", () => {
  assert.deepEqual(describeRecount(found()), ["Nothing changed: 24 tallies are as they were."]);
  assert.deepEqual(describeComparison(found()), ["Nothing is wrong: 24 tallies are what was said and rated."]);
});

test("each wrong tally is named, with how many users there are and how many were kept", () => {
  const both = [wrong({ users: 131 }), wrong({ users: 128 }, { metric: "error", stratum: 1, phase: "probation" })];
  assert.deepEqual(describeRecount(found({ wrong: both })), [
    "2 of 24 tallies were wrong:",
    "  approval, challenger, stratum 0: 131 users instead of 129",
    "  error, challenger, stratum 1, in probation: 128 users instead of 129",
    "Looks that were taken stay as they were; the next one reads the new tallies.",
  ]);
  assert.deepEqual(describeComparison(found({ wrong: both.slice(0, 1) })), [
    "1 of 24 tallies are wrong:",
    "  approval, challenger, stratum 0: 129 are kept where there are 131 users",
    "Nothing was changed: ratchet experiment recount --reason … puts it right.",
  ]);
});

test("where the users are right, their ratings or answers are told, then the sums, then that only squares differ", () => {
  const differences = [
    wrong({ sumK: 402 }),
    wrong({ sumK: 1 }, { metric: "cost" }),
    wrong({ sumY: 99.5 }),
    wrong({ sumYY: 7 }),
  ];
  assert.deepEqual(
    describeRecount(found({ wrong: differences }))
      .slice(1, -1)
      .map((line) => line.split(": ")[1]),
    [
      "402 ratings instead of 400",
      "1 interaction instead of 400",
      "a sum of 99.5 instead of 100",
      "the same users and sums, and other squares",
    ],
  );
});

test("users' own totals that are wrong are told, also when no tally shows it yet", () => {
  assert.deepEqual(describeRecount(found({ wrong_units: 2 })).slice(0, 2), [
    "0 of 24 tallies were wrong.",
    "The own totals of 2 users, which the tallies add up, were wrong.",
  ]);
});

test("a closed experiment keeps its looks and its outcome, and a recount says so", () => {
  const lines = describeRecount(found({ status: "closed", wrong: [wrong({ users: 131 })] }));
  assert.equal(lines.at(-1), "The experiment is over: its looks and its outcome stay as they were.");
});

test("of many wrong tallies a screenful is named, and an action's name cannot command a terminal", () => {
  const many = Array.from({ length: 30 }, (_, index) =>
    wrong({ users: 1 }, { metric: `approval/\u001b[2Jact ${index}` }),
  );
  const lines = describeRecount(found({ tallies: 1000, wrong: many }));
  assert.equal(lines.length, 1 + 20 + 1 + 1);
  assert.match(lines[1]!, /^ {2}approval\/act 0, /);
  assert.equal(lines[21], "  … and 10 more: --json names all");
});
