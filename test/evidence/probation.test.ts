import assert from "node:assert/strict";
import { test } from "node:test";
import { probationStep } from "../../src/evidence/next-step.ts";
import { judgeProbation } from "../../src/evidence/probation.ts";
import { EMPTY_TALLY, type Tally, tallyOf } from "../../src/evidence/tally.ts";

const policy = { phi: 0.06 };

test("a new champion that is worse than the standby is rolled back", () => {
  const verdict = judgeProbation({ strata: [{ champion: side(950, 0.6), standby: side(50, 0.85) }] }, policy);
  assert.equal(verdict.kind, "roll-back");
  assert.match(
    verdict.reason,
    /^roll back: the new champion is worse than the standby: approval 60 % against 85 % with the standby/,
  );
  assert.ok(verdict.numbers!.difference < 0 && verdict.numbers!.upper < 0);
});

test("a new champion that is as good or better is watched on", () => {
  for (const rate of [0.8, 0.9, 1]) {
    const verdict = judgeProbation({ strata: [{ champion: side(950, rate), standby: side(50, 0.8) }] }, policy);
    assert.equal(verdict.kind, "keep-watching");
    assert.match(verdict.reason, /^keep watching: no proof of harm/);
  }
});

test("a handful of users who kept the standby and all like it do not roll back", () => {
  const strata = [{ champion: side(950, 0.6), standby: side(14, 1) }];
  const verdict = judgeProbation({ strata }, policy);
  assert.equal(verdict.kind, "keep-watching");
  assert.match(verdict.reason, /too few ratings/);
  // Fifteen of them, content by chance, beside a champion at .95: the floor under the small side's variance holds it.
  assert.equal(
    judgeProbation({ strata: [{ champion: side(950, 0.95), standby: side(15, 1) }] }, policy).kind,
    "keep-watching",
  );
});

test("nothing to compare and broken numbers keep watching and say why", () => {
  const champion = side(950, 0.6);
  for (const [standby, words] of [
    [EMPTY_TALLY, /nothing to compare yet/],
    [{ ...side(50, 0.9), sumYY: Number.NaN }, /cannot be judged: sumYY is NaN/],
    [{ ...side(50, 0.9), sumK: -4 }, /cannot be judged: sumK is -4/],
  ] as [Tally, RegExp][]) {
    const verdict = judgeProbation({ strata: [{ champion, standby }] }, policy);
    assert.deepEqual([verdict.kind, verdict.numbers], ["keep-watching", null]);
    assert.match(verdict.reason, words);
  }
  const strata = [{ champion, standby: side(50, 0.9) }];
  for (const wrong of [{ phi: 0 }, { phi: 0.06, alpha: Number.NaN }]) {
    assert.match(judgeProbation({ strata }, wrong).reason, /cannot be judged/);
  }
});

test("a probation that saw too little says so when it is over, and does not claim that it found no harm", () => {
  const end = (standby: Tally) => {
    const verdict = judgeProbation({ strata: [{ champion: side(950, 0.8), standby }] }, policy);
    const step = probationStep(verdict, new Date(5), new Date(5));
    assert.ok(step.next === "conclude" && step.outcome === "promoted");
    return step.reason;
  };
  assert.match(end(EMPTY_TALLY), /^probation is over, and too little was seen to tell .*: nothing to compare yet/);
  assert.match(
    end(side(9, 0.8)),
    /^probation is over, and too little was seen to tell .*: too few ratings to roll back by/,
  );
  assert.match(end(side(50, 0.8)), /^probation passed, no harm was shown: no proof of harm: approval/);
});

test("a new champion that looks worse, but of too few people's ratings, says so at the end and names the way back", () => {
  const strata = [{ champion: side(60, 0.48), standby: side(9, 1) }];
  const verdict = judgeProbation({ strata }, policy);
  assert.ok(verdict.kind === "keep-watching" && !verdict.seen && verdict.looksWorse !== null);
  assert.ok(verdict.numbers!.upper < 0, "by the bound shown it is surely worse");
  const step = probationStep(verdict, new Date(5), new Date(5));
  assert.ok(step.next === "conclude" && step.outcome === "promoted");
  assert.match(
    step.reason,
    /^probation is over, and the new champion looks worse than the standby \(approval 4\d.* against 100 %.*, at most −.*\)\. It is not rolled back by itself, because too few people have rated: each model needs 40 ratings from 15 users.*ratchet rollback --reason/,
  );
  assert.doesNotMatch(step.reason, /too little was seen|no harm was shown/);
});

test("one that looks worse without proof does so, too; one that only might be does not", () => {
  const judged = (rate: number) =>
    judgeProbation({ strata: [{ champion: side(950, rate), standby: side(30, 0.8) }] }, policy);
  const doubtful = judged(0.695);
  assert.ok(doubtful.kind === "keep-watching" && doubtful.seen && doubtful.looksWorse !== null, doubtful.reason);
  const step = probationStep(doubtful, new Date(5), new Date(5));
  assert.match(step.next === "conclude" ? step.reason : "", /looks worse than the standby .* because it is not proven/);
  for (const rate of [0.79, 0.85]) {
    const calm = judged(rate);
    assert.ok(calm.kind === "keep-watching" && calm.looksWorse === null, calm.reason);
  }
});

test("a bound that tells nothing is not told", () => {
  const few = [{ champion: side(60, 0.5), standby: side(2, 0.5) }];
  assert.match(judgeProbation({ strata: few }, policy).reason, /difference .* pp, and far too few ratings to tell/);
});

/** Users with four ratings each: the share of thumbs up as wanted, one thumb more or less from user to user. */
function side(users: number, rate: number): Tally {
  let owed = 0;
  return tallyOf(
    Array.from({ length: users }, () => {
      owed += rate * 4;
      const y = Math.round(owed);
      owed -= y;
      return { y, k: 4 };
    }),
  );
}
