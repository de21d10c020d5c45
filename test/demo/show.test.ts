import assert from "node:assert/strict";
import { test } from "node:test";
import { snapshotWords } from "../../src/demo/learn.ts";
import { lookLine } from "../../src/demo/prove.ts";
import { NOTHING_YET } from "../../src/demo/result.ts";
import { approvalBars, resultTable } from "../../src/demo/show-result.ts";

test("a snapshot says what it kept and which rule left out what, the most frequent first", () => {
  const manifest = { considered: 1_400, kept: 800, dropped: { duplicate: 40, "not-rated-up": 560 } };
  assert.equal(
    snapshotWords({ examples: 720, manifest }),
    "The snapshot: 800 of 1,400 rated answers kept, 720 of them to train on; left out: 560 not rated up, 40 duplicate.",
  );
});

test("a look without numbers says why", () => {
  const verdict = { kind: "hold", reason: "hold: nothing to compare yet.", numbers: null };
  assert.match(lookLine({ number: 2, phase: "experiment", verdict }), /look {3}2 .*nothing to compare yet/);
});

test("a look with numbers says difference, bounds, lift, ratings and what it leads to", () => {
  const numbers = {
    lift: 0.4,
    difference: 0.2,
    lower: -0.05,
    upper: 0.45,
    ratings: { champion: 900, challenger: 101 },
  };
  const line = lookLine({ number: 12, phase: "experiment", verdict: { kind: "hold", reason: "hold: …", numbers } });
  assert.match(line, /\+20\.0 pp \[−5\.0 pp, \+45\.0 pp\] {2}lift \+40\.0 % {2}101 ratings {2}hold$/);
});

test("every action that was answered before or after has its line, and a missing side a dash", () => {
  const before = new Map([["alarm", { ratings: 80, share: 0.25 }]]);
  const after = new Map([["timer", { ratings: 8, share: 1 }]]);
  const [, alarm, timer] = approvalBars(before, after);
  assert.match(alarm!, /alarm {3}█{5} +25 % \(80\) +–$/);
  assert.match(timer!, /timer +– +█{20} 100 % \(8\)$/);
});

test("the table shows before, after and the difference in percentage points", () => {
  const result = {
    ...NOTHING_YET,
    champion_before: "base",
    champion_after: "demo-v1",
    approval_before: 0.5,
    approval_after: 0.75,
  };
  const lines = resultTable(result, { before: 1_000, after: 500 });
  assert.match(
    lines.join("\n"),
    /approval +50\.0 % +75\.0 % +\+25\.0 pp\n +of ratings +1,000 +500\n +held-out accuracy +– +–$/,
  );
});
