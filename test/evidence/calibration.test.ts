import assert from "node:assert/strict";
import { test } from "node:test";
import { type AaCounts, atLeast, calibrationOf, logELess, logEMore } from "../../src/evidence/calibration.ts";
import { seededRandom } from "../../src/sandbox/seeded-random.ts";
import { assertClose } from "./assert-close.ts";

const counts = (ended: number, more: Partial<AaCounts> = {}): AaCounts => ({
  ended,
  decided: ended,
  promoted: 0,
  asked: 0,
  harmful: 0,
  guardrail: 0,
  futile: ended,
  outOfTime: 0,
  cutShort: 0,
  ...more,
});

test("the chance of so many or more is the binomial tail", () => {
  assert.equal(atLeast(0, 10, 0.05), 1);
  assertClose(atLeast(1, 10, 0.05), 1 - 0.95 ** 10, 1e-12, "one or more of ten");
  assertClose(atLeast(3, 12, 0.05), 0.019568, 1e-4, "three or more of twelve");
});

test("the e-values are the likelihood ratio, averaged over the rates above and below", () => {
  const average = (count: number, of: number, [from, to]: [number, number], rate: number) => {
    const steps = 200_000;
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      const p = from + ((to - from) * (step + 0.5)) / steps;
      sum += (p / rate) ** count * ((1 - p) / (1 - rate)) ** (of - count);
    }
    return sum / steps;
  };
  for (const [count, of] of [
    [0, 12],
    [2, 12],
    [5, 40],
  ] as const) {
    assertClose(Math.exp(logEMore(count, of, 0.05)), average(count, of, [0.05, 1], 0.05), 1e-6, `more, ${count}/${of}`);
    assertClose(Math.exp(logELess(count, of, 0.05)), average(count, of, [0, 0.05], 0.05), 1e-6, `less, ${count}/${of}`);
  }
});

test("asked after each experiment of a hundred, a rule that keeps its promise is hardly ever doubted", () => {
  const random = seededRandom(7);
  let [doubted, beyond] = [0, 0];
  for (let loop = 0; loop < 500; loop++) {
    let promoted = 0;
    const seen = Array.from({ length: 100 }, (_, index) => {
      promoted += random() < 0.05 ? 1 : 0;
      return calibrationOf(counts(index + 1, { promoted }));
    });
    if (seen.some(({ explained }) => !explained)) doubted += 1;
    if (seen.some(({ atMost }) => atMost < 0.05)) beyond += 1;
  }
  assert.ok(doubted <= 20, `${doubted} of 500 doubted`);
  assert.ok(beyond <= 35, `the bound was once below the truth in ${beyond} of 500`);
});

test("none of some says how few false promotions there surely are, and more of them say it better", () => {
  assert.match(
    calibrationOf(counts(6)).words,
    /6 of them ran long enough, with people enough, to count: too few to say how seldom that happens, and about 1\d are needed$/,
  );
  const few = calibrationOf(counts(30));
  assert.match(
    few.words,
    /^of 30 experiments of the champion with itself none would have promoted it, none found harm, and none a/,
  );
  assert.match(few.words, /surely fewer than 1\d(\.\d)? %, which more experiments will narrow$/);
  const many = calibrationOf(counts(100));
  assert.ok(many.explained && many.atMost < 0.05 && many.atMost < few.atMost, `${many.atMost}`);
  assert.match(many.words, /surely fewer than \d(\.\d)? %$/);
});

test("as many as are said to be needed are enough, and one less is not", () => {
  for (const promoted of [0, 1, 2]) {
    const [, said] = /about (\d+) are needed$/.exec(
      calibrationOf(counts(40, { decided: promoted + 1, promoted })).words,
    )!;
    const at = (decided: number) => calibrationOf(counts(60, { decided, promoted })).words;
    assert.match(at(Number(said)), /surely fewer than/);
    assert.match(at(Number(said) - 1), /too few to say/);
  }
});

test("more than chance explains is said plainly, of promotions, harm and guardrails alike", () => {
  for (const found of [{ promoted: 5 }, { harmful: 5 }, { guardrail: 5 }, { promoted: 5, asked: 5 }]) {
    const { explained, words } = calibrationOf(counts(12, found));
    assert.equal(explained, false, JSON.stringify(found));
    assert.match(words, /more than chance explains: trust no verdict until it is found out why/);
  }
  assert.equal(calibrationOf(counts(12, { promoted: 2 })).explained, true, "two of twelve may be chance");
});

test("those that were cut short count against harm that chance finds, and show nothing of promotions", () => {
  const { explained, atMost, words } = calibrationOf(counts(152, { decided: 0, harmful: 2, futile: 0, cutShort: 150 }));
  assert.deepEqual([explained, atMost], [true, 1]);
  assert.match(
    words,
    /None of them ran long enough, with people enough, to count \(.*\): nothing is known yet, and about 1\d are needed$/,
  );
});

test("nothing that is over says nothing, and all promoted still gives a bound", () => {
  const { words } = calibrationOf(counts(0));
  assert.equal(words, "no experiment of the champion with itself is over yet");
  assert.equal(calibrationOf(counts(3, { promoted: 3 })).atMost, 1);
});
