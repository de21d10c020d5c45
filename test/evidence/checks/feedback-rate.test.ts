import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFeedbackRate, leeBounds } from "../../../src/evidence/checks/feedback-rate.ts";
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
    /^there are 9 ratings for 100 answers of the challenger, and 10 for 100 of the champion; if those who kept silent were the unhappy ones, the champion would have had an approval of 88\.9 %/,
  );
  assert.equal(checked({ approval: 0.9, thumbs: 9 }).passed, true, "more thumbs up for each answer, all the same");
});

test("a challenger whose lead may be the zeal of the happy does not pass, and the words say so", () => {
  const check = checked({ approval: 0.82, thumbs: 12 });
  assert.deepEqual([check.passed, check.acts], [false, "blocks"]);
  assert.match(check.words, /if those who rated more were the happy ones, .* no more than 78\.4 %/);
  assert.equal(checked({ approval: 0.85, thumbs: 12 }).passed, true, "fewer thumbs down for each answer, all the same");
});

test("equal rates pass, and so does what has no ratings yet", () => {
  assert.equal(checked({ approval: 0.82, thumbs: 10 }).passed, true);
  assert.equal(checkFeedbackRate([], []).passed, true);
  assert.equal(checked({ approval: 0.82, thumbs: 0 }).passed, true);
});

function checked({ approval, thumbs }: { approval: number; thumbs: number }) {
  return checkFeedbackRate(
    [{ champion: side(1000, 0.8, 10), challenger: side(100, approval, 10) }],
    [{ champion: exposed(1000, 100, 10), challenger: exposed(100, 100, thumbs) }],
  );
}
