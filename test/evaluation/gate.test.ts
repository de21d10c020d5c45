import assert from "node:assert/strict";
import { test } from "node:test";
import { type GateCase, type GatePolicy, judgeGate } from "../../src/evaluation/gate.ts";
import { bootstrapInterval, exactTail } from "../../src/evaluation/paired-test.ts";

const POLICY: GatePolicy = { minImprovement: 0, maxForgetting: 0.02 };

/** So many cases won, lost and tied (right on both sides). */
function cases(won: number, lost: number, tied: number, forgetting = false): GateCase[] {
  return Array.from({ length: won + lost + tied }, (_, index) => ({
    id: `${forgetting ? "f" : "g"}-${String(index).padStart(4, "0")}`,
    champion: index < won ? 0 : 1,
    candidate: index >= won && index < won + lost ? 0 : 1,
    forgetting,
  }));
}

test("a better candidate passes, with its numbers", () => {
  const { kind, reason, comparison } = judgeGate(cases(12, 2, 86), POLICY);
  assert.equal(kind, "passed");
  assert.equal(reason, "improves by 10 points on 100 gold cases (12 won, 2 lost), 0 points wanted");
  assert.equal(comparison.championMean, 0.88);
  assert.equal(comparison.candidateMean, 0.98);
  assert.deepEqual([comparison.wins, comparison.losses, comparison.ties], [12, 2, 86]);
  assert.ok(Math.abs(comparison.pValue - 0.012939453125) < 1e-12);
});

test("a worse candidate fails", () => {
  const { kind, reason } = judgeGate(cases(2, 12, 86), POLICY);
  assert.equal(kind, "failed");
  assert.match(reason, /^falls by 10 points/);
});

test("an equal candidate passes when no improvement is asked for, and fails when some is", () => {
  assert.equal(judgeGate(cases(3, 3, 4), POLICY).kind, "passed");
  assert.equal(judgeGate(cases(0, 0, 10), POLICY).comparison.pValue, 1);
  const { kind, reason } = judgeGate(cases(3, 3, 4), { ...POLICY, minImprovement: 0.02 });
  assert.equal(kind, "failed");
  assert.match(reason, /2 points wanted/);
});

test("an improvement of exactly the least is enough, whatever binary fractions make of it", () => {
  const graded = Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, champion: 0.1, candidate: 0.3 }));
  assert.equal(judgeGate(graded, { ...POLICY, minImprovement: 0.2 }).kind, "passed");
});

test("a tolerated loss passes while chance explains it, and fails when it does not", () => {
  const tolerant = { ...POLICY, minImprovement: -0.1 };
  assert.equal(judgeGate(cases(1, 3, 96), tolerant).kind, "passed");
  const { kind, reason } = judgeGate(cases(0, 8, 92), tolerant);
  assert.equal(kind, "failed");
  assert.match(reason, /more than chance explains/);
});

test("a forgetting set that fell too far fails a candidate that improves", () => {
  const results = [...cases(20, 0, 80), ...cases(0, 3, 97, true)];
  const { kind, reason, comparison, forgetting } = judgeGate(results, POLICY);
  assert.equal(kind, "failed");
  assert.equal(reason, "the forgetting set fell by 3 points on 100 cases, 2 points allowed");
  assert.equal(comparison.cases, 100);
  assert.equal(forgetting?.losses, 3);
  assert.equal(judgeGate([...cases(20, 0, 80), ...cases(0, 2, 98, true)], POLICY).kind, "passed");
});

test("too few cases hold", () => {
  assert.equal(judgeGate([], POLICY).kind, "held");
  const { kind, reason } = judgeGate(cases(5, 0, 0), { ...POLICY, minCases: 10 });
  assert.equal(kind, "held");
  assert.equal(reason, "5 of 10 gold cases answered by both");
});

test("the cases that changed sides are named, those lost first", () => {
  const results = [
    ...cases(1, 1, 3),
    { id: "half", champion: 0.6, candidate: 0.5 },
    { id: "slid", champion: 0.6, candidate: 0.4 },
  ];
  assert.deepEqual(
    judgeGate(results, POLICY).changedSides.map(({ id, change }) => [id, change]),
    [
      ["g-0001", "lost"],
      ["slid", "lost"],
      ["g-0000", "won"],
    ],
  );
});

test("the verdict does not depend on the order of the answers, and the seed settles the interval", () => {
  const results = Array.from({ length: 47 }, (_, index) => ({
    id: `${index}`,
    champion: 0.5,
    candidate: ((index * 17) % 47) / 47,
  }));
  const verdict = judgeGate(results, POLICY);
  assert.deepEqual(judgeGate(results.toReversed(), POLICY).comparison, verdict.comparison);
  assert.deepEqual(judgeGate(results.toReversed(), POLICY).changedSides, verdict.changedSides);
  assert.notDeepEqual(judgeGate(results, { ...POLICY, seed: 2 }).comparison.interval, verdict.comparison.interval);
});

test("the exact test agrees with coins counted by hand, and with large numbers does not overflow", () => {
  assert.equal(exactTail(0, 0), 1);
  assert.ok(Math.abs(exactTail(5, 0) - 1 / 32) < 1e-12);
  assert.ok(Math.abs(exactTail(3, 1) - 5 / 16) < 1e-12);
  assert.ok(Math.abs(exactTail(0, 7) - 1) < 1e-12);
  // Half the throws of 10,000, and the middle itself: (1 + C(n, n/2)/2^n) / 2, by Stirling.
  assert.ok(Math.abs(exactTail(5_000, 5_000) - (1 + 1 / Math.sqrt(Math.PI * 5_000)) / 2) < 1e-6);
});

test("the interval covers the true difference about as often as it says", () => {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const repetitions = 400;
  let covered = 0;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const differences = Array.from({ length: 100 }, () => (random() < 0.3 ? 1 : random() < 0.15 ? -1 : 0));
    const [low, high] = bootstrapInterval(differences, repetition, 400) ?? [0, 0];
    // Won by 0.3, lost by 0.15 of the other 0.7.
    if (low <= 0.195 && high >= 0.195) covered += 1;
  }
  assert.ok(covered / repetitions > 0.9 && covered / repetitions < 0.985, `${covered} of ${repetitions}`);
});

test("one case has no interval", () => {
  assert.equal(bootstrapInterval([1], 1), null);
});
