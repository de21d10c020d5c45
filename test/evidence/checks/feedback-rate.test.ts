import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFeedbackRate, leeBounds } from "../../../src/evidence/checks/feedback-rate.ts";
import { logEValue } from "../../../src/evidence/e-value.ts";
import { estimate } from "../../../src/evidence/estimate.ts";
import { tallyOf } from "../../../src/evidence/tally.ts";
import { assertClose } from "../assert-close.ts";
import { sharedVectors } from "../shared-vectors.ts";
import { exposed, side } from "../sides.ts";

interface LeeVector {
  inputs: { pC: number; rC: number; rT: number };
  outputs: { q: number; pC_worst: number };
}

const shared = sharedVectors<LeeVector>("lee-");
test("Lee's bounds reproduce the shared vectors", { skip: shared.skip }, () => {
  assert.ok(shared.vectors.length >= 3);
  for (const { id, inputs, outputs } of shared.vectors) {
    const { fewer, championAtBest } = leeBounds(
      { champion: inputs.pC, challenger: inputs.pC },
      { champion: inputs.rC, challenger: inputs.rT },
    );
    assertClose(fewer, outputs.q, 1e-8, `${id}, q`);
    assertClose(championAtBest, outputs.pC_worst, 1e-8, `${id}, worst`);
  }
});

test("where the challenger is rated more often, its share of surplus ratings is taken off as thumbs up", () => {
  // 110 ratings for 100: had ten of them not been given, all thumbs up, 82 of 100 would be left of 92 in 110.
  const { more, fewer, challengerAtWorst } = leeBounds(
    { champion: 0.8, challenger: 92 / 110 },
    { champion: 0.1, challenger: 0.11 },
  );
  assert.equal(fewer, 0);
  assertClose(more, 1 / 11, 1e-12, "q'");
  assertClose(challengerAtWorst, 0.82, 1e-12, "at worst");
});

test("nothing is left of approval that silence could have made, and bounds stay shares", () => {
  assert.equal(leeBounds({ champion: 0.8, challenger: 1 }, { champion: 0.1, challenger: 0.01 }).championAtBest, 1);
});

test("a challenger whose lead may be the silence of the unhappy does not pass, and the words say so", () => {
  const check = checked({ approval: 0.88, thumbs: 9 });
  assert.deepEqual([check.passed, check.acts, check.alarm], [false, "blocks", false]);
  assert.match(
    check.words,
    /^fewer people rate the challenger \(9 ratings for 100 answers of the challenger, and 10 for 100 of the champion\)\. If the silent ones were unhappy, its lead could be nothing but silence: had the champion lost as many, its approval would have been 88\.9 %\. Check that its thumb is as easy to reach$/,
  );
  assert.equal(
    checked({ approval: 0.96, thumbs: 9 }).passed,
    true,
    "surely more thumbs up for each answer, all the same",
  );
});

test("a challenger whose lead may be the zeal of the happy does not pass, and the words say so", () => {
  const check = checked({ approval: 0.82, thumbs: 12 });
  assert.deepEqual([check.passed, check.acts], [false, "blocks"]);
  assert.match(
    check.words,
    /^more people rate the challenger \(12 ratings .*If those who rate more are the happy ones, .* 78\.4 % at most/,
  );
  assert.equal(checked({ approval: 0.92, thumbs: 12 }).passed, true, "surely fewer thumbs down for each answer");
});

test("a lead that silence might have made by chance needs a person, until thumbs for each answer show it by themselves", () => {
  const little = checked({ approval: 0.9, thumbs: 9 });
  assert.deepEqual([little.passed, little.acts, little.alarm], [false, "asks", false]);
  assert.match(
    little.words,
    /its lead could be nothing but silence: what was said of 100 answers of each \(thumbs up 8\.1 against 8, thumbs down 0\.9 against 2\) does not rule it out yet/,
  );
  assert.ok(little.numbers.logEUp! < Math.log(20) && little.numbers.logEDown! > Math.log(20));
  const zeal = checked({ approval: 0.85, thumbs: 12 });
  assert.deepEqual([zeal.passed, zeal.acts], [false, "asks"]);
  assert.ok(zeal.numbers.logEDown! < Math.log(20), "fewer thumbs down for each answer, but not surely");
});

test("half as many ratings are called so, and a challenger that does not lead is not asked at all", () => {
  assert.match(
    checked({ approval: 0.88, thumbs: 5 }).words,
    /^only half as many people rate the challenger \(5 ratings/,
  );
  for (const approval of [0.8, 0.7]) {
    const { passed, told, words } = checked({ approval, thumbs: 5 });
    assert.deepEqual([passed, told, words], [true, "not asked", "the challenger does not lead"]);
  }
  assert.equal(checkFeedbackRate([], [], 0.06).told, "not checked");
});

test("where every answer is rated, it asks no more than the verdict itself", () => {
  const approval = [{ champion: side(1000, 0.8, 10), challenger: side(100, 0.9, 10) }];
  const rated = [{ champion: exposed(1000, 10, 10), challenger: exposed(100, 10, 10) }];
  const { passed, numbers } = checkFeedbackRate(approval, rated, 0.06);
  const found = estimate(approval)!;
  assert.equal(passed, true);
  const alone = logEValue(found.difference, Math.max(found.variance, found.nullVariance), 0.06);
  assertClose(numbers.logEUp!, alone, 1e-9, "more thumbs up");
  assertClose(numbers.logEDown!, alone, 1e-9, "fewer thumbs down");
  const worse = [{ champion: side(1000, 0.8, 10), challenger: side(100, 0.79, 10) }];
  assert.equal(checkFeedbackRate(worse, rated, 0.06).passed, true, "where nobody is silent, silence made nothing");
});

test("the fewer answers are rated, the more ratings it takes", () => {
  const approval = [{ champion: side(1000, 0.8, 4), challenger: side(100, 0.9, 4) }];
  // As many ratings, of as many answers on average; who rates how often differs from user to user.
  const uneven = (users: number, answers: number) =>
    tallyOf(Array.from({ length: users }, (_, user) => ({ y: user % 2 === 0 ? 8 : 0, k: answers })));
  const logEUp = (answers: number) =>
    checkFeedbackRate(approval, [{ champion: uneven(1000, answers), challenger: uneven(100, answers) }], 0.06).numbers
      .logEUp!;
  const all = checkFeedbackRate(approval, [{ champion: exposed(1000, 4, 4), challenger: exposed(100, 4, 4) }], 0.06);
  assert.ok(all.passed && logEUp(8) < all.numbers.logEUp! / 2, `${logEUp(8)} against ${all.numbers.logEUp}`);
});

test("equal rates pass, and so does what has no ratings yet", () => {
  assert.equal(checked({ approval: 0.9, thumbs: 10 }).passed, true);
  assert.equal(checkFeedbackRate([], [], 0.06).passed, true);
  assert.equal(checked({ approval: 0.82, thumbs: 0 }).passed, true);
});

function checked({ approval, thumbs }: { approval: number; thumbs: number }) {
  return checkFeedbackRate(
    [{ champion: side(1000, 0.8, 10), challenger: side(100, approval, 10) }],
    [{ champion: exposed(1000, 100, 10), challenger: exposed(100, 100, thumbs) }],
    0.06,
  );
}
