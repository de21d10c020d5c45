import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGuardrail, type GuardrailEvidence } from "../../../src/evidence/checks/guardrail.ts";
import { addUnit, EMPTY_TALLY } from "../../../src/evidence/tally.ts";
import { seededRandom } from "../../../src/sandbox/seeded-random.ts";
import { numbers, side } from "../sides.ts";

const errors = (champion: number, challenger: number, users = 500): GuardrailEvidence => ({
  metric: "error",
  better: "lower",
  margin: 0.02,
  failAbove: 0,
  strata: [{ champion: side(4 * users, champion, 20), challenger: side(users, challenger, 20) }],
});

test("a challenger that errs as often as the champion passes once there are enough answers, and is undecided before", () => {
  const passed = checkGuardrail(errors(0.02, 0.02), 3);
  assert.deepEqual([passed.passed, passed.name], [true, "guardrail: error"]);
  assert.match(
    passed.words,
    /^share of answers with an error 2 % against 2 %: worse by [\d.]+ pp at most, and 2 pp is allowed$/,
  );
  const early = checkGuardrail(errors(0.02, 0.02, 20), 3);
  assert.deepEqual([early.passed, early.told, early.acts], [false, "not shown yet", "blocks"]);
  assert.equal(passed.told, undefined);
  assert.match(early.words, /it may still be worse by [\d.]+ pp, and 2 pp is allowed; more answers will tell$/);
});

test("what may be worse by a little more than is allowed does not look as if it were just as much", () => {
  const words = Array.from({ length: 130 }, (_, step) => checkGuardrail(errors(0.02, 0.02, 20 + step), 3).words);
  const figures = words.map((said) => / ([\d.]+) pp.*and ([\d.]+) pp is allowed/.exec(said)!);
  assert.ok(
    figures.some(([, upper]) => upper!.startsWith("2.0")),
    "one is close",
  );
  for (const [said, upper, allowed] of figures) assert.notEqual(upper, allowed, said);
});

test("a challenger that surely errs more fails, even within the margin: that is harm", () => {
  const check = checkGuardrail(errors(0.02, 0.035), 3);
  assert.deepEqual([check.passed, check.acts], [false, "rejects"]);
  assert.match(check.words, /^share of answers with an error 3\.5 % against 2 %: surely worse, by [\d.]+ pp at least$/);
  assert.ok(check.numbers.lower! > 0 && check.numbers.worse! < 0.02);
});

test("the side with few answers is not for that without a fault, whichever it is, and whatever is counted", () => {
  // The standby of a probation stands in the champion's place, and is the small one.
  const small = side(15, 0, 3);
  for (const rate of [0.01, 0.02]) {
    const strata = [{ champion: small, challenger: side(900, rate, 20) }];
    const check = checkGuardrail({ metric: "error", better: "lower", margin: 0.02, failAbove: 0, strata }, 1);
    assert.equal(check.acts, "blocks", `${rate}: ${check.words}`);
  }
  const complaint = { metric: "feedback:complaint", better: "lower" as const, margin: 0.02, failAbove: 0.02 };
  const never = checkGuardrail({ ...complaint, strata: [{ champion: side(15, 0, 3), challenger: side(15, 0, 3) }] }, 1);
  assert.deepEqual([never.passed, never.acts], [false, "blocks"]);
  assert.match(never.words, /the same for everybody so far/);
  const lucky = checkGuardrail(
    { ...complaint, strata: [{ champion: side(900, 0.02, 20), challenger: side(15, 0, 3) }] },
    1,
  );
  assert.equal(lucky.passed, false, lucky.words);
});

test("what is allowed a margin fails only beyond it", () => {
  const slow = (rate: number): GuardrailEvidence => ({
    metric: "slow",
    better: "lower",
    margin: 0.05,
    failAbove: 0.05,
    strata: [{ champion: side(2000, 0.05, 20), challenger: side(500, rate, 20) }],
  });
  assert.equal(checkGuardrail(slow(0.07), 1).passed, true);
  assert.equal(checkGuardrail(slow(0.1), 1).acts, "blocks");
  assert.equal(checkGuardrail(slow(0.14), 1).acts, "rejects");
});

test("where higher is better, a fall is what counts", () => {
  const quality = (challenger: number): GuardrailEvidence => ({
    metric: "quality",
    better: "higher",
    margin: 0.05,
    failAbove: 0.05,
    strata: [{ champion: numbers(400, 0.8, 0.15), challenger: numbers(100, challenger, 0.15) }],
  });
  assert.equal(checkGuardrail(quality(0.84), 1).passed, true);
  assert.match(checkGuardrail(quality(0.84), 1).words, /^quality 0\.84 against 0\.8: surely no worse$/);
  assert.equal(checkGuardrail(quality(0.65), 1).acts, "rejects");
});

test("cost is in dollars, and one that everybody pays alike is taken as it is", () => {
  const cost = (challenger: number, spread: number): GuardrailEvidence => ({
    metric: "cost",
    better: "lower",
    margin: 200,
    failAbove: 200,
    strata: [{ champion: numbers(400, 1000, spread), challenger: numbers(100, challenger, spread) }],
  });
  assert.match(
    checkGuardrail(cost(1050, 300), 1).words,
    /^cost of an answer \$0\.00105 against \$0\.001: worse by \$0\.000\d+ at most/,
  );
  assert.equal(checkGuardrail(cost(1000, 0), 1).passed, true);
  assert.equal(checkGuardrail(cost(1600, 0), 1).acts, "rejects");
});

test("the more guardrails, the surer must a failure be", () => {
  const borderline = errors(0.02, 0.0263);
  assert.equal(checkGuardrail(borderline, 1).acts, "rejects");
  assert.equal(checkGuardrail(borderline, 20).acts, "blocks");
});

test("what nobody sent is not held against the challenger, but what only the champion has is", () => {
  const quality = (champion = EMPTY_TALLY): GuardrailEvidence => ({
    metric: "quality",
    better: "higher",
    margin: 0.05,
    failAbove: 0.05,
    strata: [{ champion, challenger: EMPTY_TALLY }],
  });
  assert.deepEqual(
    [checkGuardrail(quality(), 1).passed, checkGuardrail(quality(), 1).told, checkGuardrail(quality(), 1).words],
    [true, "not checked", "quality is not measured here"],
  );
  const check = checkGuardrail(quality(side(100, 0.8)), 1);
  assert.equal(check.passed, false);
  assert.match(
    check.words,
    /^quality needs 40 answers from 15 users on each side, and has 0 answers from 0 users of the challenger/,
  );
});

test("a few users fail no guardrail, whatever they met", () => {
  const few = { ...errors(0, 1), strata: [{ champion: side(100, 0, 20), challenger: side(14, 1, 20) }] };
  assert.equal(checkGuardrail(few, 1).acts, "blocks");
});

test("bad numbers and margins never pass, and are named", () => {
  const broken = errors(0.02, 0.02);
  const strata = [{ ...broken.strata[0]!, challenger: { ...broken.strata[0]!.challenger, sumY: Number.NaN } }];
  assert.match(checkGuardrail({ ...broken, strata }, 1).words, /sumY is NaN/);
  for (const margin of [0, -1, Number.NaN, Infinity]) {
    const check = checkGuardrail({ ...broken, margin }, 1);
    assert.deepEqual([check.passed, check.acts], [false, "blocks"], `${margin}`);
    assert.match(check.words, new RegExp(`margin is ${margin}`));
  }
  const far = checkGuardrail({ ...broken, margin: 1e-30 }, 1);
  assert.deepEqual([far.passed, far.told, far.acts], [false, undefined, "blocks"], "no answers will mend it");
  assert.match(far.words, /too far from what the values are like/);
  assert.deepEqual(JSON.parse(JSON.stringify(far)), far, "no infinity in it");
});

test("of 400 challengers that err exactly as the champion, at most one in twenty ever fails at one of 20 looks", () => {
  const random = seededRandom(21);
  let failures = 0;
  for (let path = 0; path < 400; path++) {
    const tallies = { champion: EMPTY_TALLY, challenger: EMPTY_TALLY };
    let failed = false;
    for (let look = 0; look < 20; look++) {
      for (const variant of ["champion", "champion", "champion", "challenger"] as const)
        for (let user = 0; user < 15; user++) {
          const erred = Array.from({ length: 4 }, () => Number(random() < 0.05));
          tallies[variant] = addUnit(tallies[variant], { y: erred.reduce((sum, one) => sum + one), k: 4 });
        }
      failed ||= checkGuardrail({ ...errors(0, 0, 1), strata: [{ ...tallies }] }, 1).acts === "rejects";
    }
    if (failed) failures++;
  }
  assert.ok(failures <= 28, `${failures}`); // .05 of 400 is 20; 28 is nearly two standard deviations above
});
