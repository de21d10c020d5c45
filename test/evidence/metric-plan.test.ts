// What a plan says of a loop whose primary metric is not approval.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { phiAtStart } from "../../src/evidence/e-value.ts";
import type { Traffic } from "../../src/evidence/outlook.ts";
import { planExperiment } from "../../src/evidence/plan.ts";
import { planQuestion } from "../../src/evidence/plan-question.ts";
import { assertClose } from "./assert-close.ts";
import { crowd, trafficOf, trafficOfValues } from "./crowd.ts";
import { numbersOf, saidOf } from "./plan-said.ts";

const NONE: Traffic = { days: 14, interactions: 900, ratings: 0, anonymous: 0, userDays: 0, growth: [] };
const EFFORT = { primary: "effort", metrics: [{ name: "effort", better: "lower", margin: 0.5 }] };
const QUALITY = { primary: "quality" };

function question(experiment: Record<string, unknown>, value: number | null, more: Record<string, unknown> = {}) {
  return planQuestion(parseLoopSettings({ name: "shop", experiment, ...more }), {}, value);
}

/** So many values a day for two weeks, each made of its user's mood. */
function traffic(perDay: number, value: (mood: number) => number, most = 10): Traffic {
  const ratings = crowd({ seed: 5, days: 14, perDay, regulars: Math.ceil(perDay / 2), correlation: 0.1 });
  return { ...trafficOfValues(ratings, 14, { value, most }), interactions: 3 * ratings.length };
}

const effort = (mood: number) => 1 + 4 * mood;

test("a named metric is planned by its name and its own amounts, in the direction that is better", () => {
  const given = traffic(800, effort);
  const plan = planExperiment(given, question(EFFORT, 3));
  assert.equal(plan.question.metric.key, "feedback:effort");
  assert.ok(Math.abs(plan.value! - 3) < 0.05, `${plan.value}`);
  assert.ok(plan.fixed.smallestLift! > 0.05 && plan.fixed.smallestLift! < 0.2, `${plan.fixed.smallestLift}`);
  assertClose(plan.fixed.smallestDifference!, plan.fixed.smallestLift! * plan.value!, 1e-9, "in its unit");
  assert.ok(plan.ramp.days! < plan.fixed.days! && plan.highestLift === null);
  const words = saidOf(given, question(EFFORT, 3));
  assert.match(
    words,
    /^traffic: about 800 values of "effort" a day from 3\d\d users \(in the last 14 days, 33.3 % of the answers, (2.9|3)\d* on average, where lower is better\); at 10 %/m,
  );
  assert.match(
    words,
    /^in 48 hours: at 10 %, a true lift of \+\d+(\.\d)? % or more \(from (2.9|3)\d* to 2\.\d+\) is shown/m,
  );
  assert.match(
    words,
    /^for \+5 %: at 10 %, about \d+ (days|hours)\b.*: it takes about [\d,]+ values of "effort" on both sides/m,
  );
  assert.match(
    words,
    /^people: a user's values resemble each other \(correlation 0\.1\d?\), .* as one of somebody who has one/m,
  );
  assert.doesNotMatch(words, /thumb|rating|approval/);
});

test("quality is planned by every answer that has one", () => {
  const given = traffic(800, (mood) => 0.5 + 0.4 * mood, Infinity);
  const plan = planExperiment(given, question(QUALITY, 0.7));
  assert.ok(plan.fixed.smallestLift! < 0.08, "of every answer a quality says more than a thumb of some");
  const words = saidOf(given, question(QUALITY, 0.7));
  assert.match(words, /^traffic: about 800 answers with a quality a day .*, 0\.(69|7)\d* on average\)/m);
  assert.match(
    words,
    /^in 48 hours: at 10 %, a true lift of \+\d(\.\d)? % or more \(from 0\.(69|7)\d* to 0\.7\d+\) is shown/m,
  );
  const high = traffic(800, (mood) => 0.95 + 0.04 * mood, Infinity);
  assert.match(
    saidOf(high, question(QUALITY, 0.97)),
    /^warning: \+5 % on a quality of 0\.97 would be more than 1: the highest lift/m,
  );
});

test("without values, with too few, with none that differ or none to relate to, nothing is made up, and the words say why", () => {
  const cases = [
    [NONE, "no_ratings", /nothing can be shown without values$/m],
    [traffic(2, effort), "too_few", /nothing can be said: there are too few values to measure by$/m],
    [traffic(800, () => 4), "alike", /nothing can be said: all values are alike$/m],
    [traffic(800, (mood) => Math.sign(mood - 0.5)), null, /a true lift of/],
  ] as const;
  for (const [given, unmeasured, words] of cases) {
    const plan = planExperiment(given, question(EFFORT, null));
    assert.equal(plan.unmeasured, unmeasured);
    assert.match(saidOf(given, question(EFFORT, null)), words);
    if (unmeasured === null) continue;
    assert.deepEqual([plan.value, plan.correlation, plan.designEffect, plan.highestLift], [null, null, null, null]);
    assert.deepEqual([plan.fixed.days, plan.fixed.ratings, plan.fixed.smallestLift], [null, null, null]);
    assert.deepEqual([plan.assumed, plan.decides], [[], false]);
    assert.match(saidOf(given, question(EFFORT, null)), /^for \+5 %: at 10 %, nothing can be said: /m);
    assert.doesNotMatch(saidOf(given, question(EFFORT, null)), /typical numbers|cannot decide/);
  }
  const balanced = { ...traffic(800, effort) };
  const growth = balanced.growth.map(({ days, tally }) => ({ days, tally: { ...tally, sumY: 0, sumYK: 0 } }));
  assert.equal(planExperiment({ ...balanced, growth }, question(EFFORT, 0)).unmeasured, "zero");
});

test("what is missing is said by name: where to send it, and that it never differs", () => {
  assert.match(
    saidOf(NONE, question(EFFORT, null)),
    /^warning: no values of "effort": send numbers, or true and false, under this name/m,
  );
  assert.match(
    saidOf(NONE, question(QUALITY, null)),
    /^warning: no quality: send it from 0 to 1 as "quality" with the answers/m,
  );
  assert.match(
    saidOf(
      traffic(800, () => 4),
      question(EFFORT, 4),
    ),
    /^warning: see whether the values arrive as they should/m,
  );
  const anonymous = { ...traffic(100, effort), anonymous: 1400 };
  assert.match(
    saidOf(anonymous, question(EFFORT, 3)),
    /^warning: 50 % of the values are on answers that name neither/m,
  );
  const elsewhere = { ...traffic(100, effort), elsewhere: 350 };
  assert.match(
    saidOf(elsewhere, question(EFFORT, 3)),
    /^warning: 25 % of the values are on answers that the application recorded/m,
  );
});

test("a champion without enough values is warned of, since the scale would be a typical one", () => {
  const given = traffic(100, effort);
  assert.match(
    saidOf(given, question(EFFORT, null)),
    /^warning: the champion has fewer than 100 values of "effort" by now: .* tuned for a typical 1$/m,
  );
  assert.doesNotMatch(saidOf(given, question(EFFORT, 3)), /tuned/);
});

test("while an experiment runs, the metric and its scale are the frozen ones", () => {
  const settings = parseLoopSettings({ name: "shop" });
  const day = 86_400_000;
  const times = { minDuration: 2 * day, maxDuration: 9 * day };
  const metrics = [{ name: "effort", better: "lower" as const, margin: 0.5 }];
  const frozen = { share: 0.3, minLift: 0.04, phi: 0.2, ...times, primary: "effort", metrics };
  const { metric, phi } = planQuestion(settings, {}, 3, frozen);
  assert.deepEqual([metric.key, metric.better, phi], ["feedback:effort", "lower", 0.2]);
  assert.equal(planQuestion(settings, { minLift: 0.1 }, 3, frozen).phi, phiAtStart(0.1, 3, "number"));
  assert.equal(question(EFFORT, 3).phi, phiAtStart(0.05, 3, "number"), "as it would be frozen now");
});

test("a loop that promotes by itself is told what unrated answers cost, and no other loop is", () => {
  const automatic = { promotion: { mode: "automatic" } };
  const ratings = crowd({ seed: 5, days: 14, perDay: 800, regulars: 400, correlation: 0.1 });
  const given = (rated: number) => ({ ...trafficOf(ratings, 14, 0.8), interactions: ratings.length / rated });
  const cost =
    /By itself this loop promotes only once .*, since 20 % of the answers are rated .* about 4\.\d times as many ratings/;
  assert.match(saidOf(given(0.2), question({}, 0.8, automatic)), cost);
  assert.match(saidOf(given(0.5), question({}, 0.8, automatic)), /about 3(\.\d)? times as many ratings/);
  const mostlyDown = { ...trafficOf(ratings, 14, 0.2), interactions: 5 * ratings.length };
  assert.match(
    saidOf(mostlyDown, question({}, 0.2, automatic)),
    /about 4(\.\d)? times as many/,
    "of thumbs down it is the same",
  );
  for (const words of [
    saidOf(given(0.9), question({}, 0.8, automatic)),
    saidOf(given(0.2), question({}, 0.8)),
    saidOf({ ...NONE }, question({}, 0.8, automatic)),
    saidOf(traffic(800, effort), question(EFFORT, 3, automatic)),
  ])
    assert.doesNotMatch(words, /By itself this loop/);
});

test("no plan of any metric has a number that is not one, whatever comes in", () => {
  const one = { users: 1, sumY: -1e9, sumK: 1, sumYY: 1e18, sumYK: -1e9, sumKK: 1 };
  const odd: Traffic[] = [
    NONE,
    {
      ...NONE,
      days: 1 / 24,
      ratings: 1,
      growth: [{ days: 1 / 24, tally: one }],
      values: { variance: 0, binary: false },
    },
    traffic(50, (mood) => 1e9 * mood - 1e9),
    traffic(50, (mood) => 1e-6 * mood),
    traffic(50, (mood) => (mood < 0.01 ? 1e9 : 0)),
    traffic(50, (mood) => (mood < 0.999 ? 1 : 0)),
    traffic(50, (mood) => 4 + 1e-6 * Math.round(mood)),
  ];
  for (const given of odd)
    for (const experiment of [EFFORT, QUALITY, { ...EFFORT, minLift: 0 }, { ...EFFORT, minLift: 1, share: 0.9 }])
      for (const value of [null, 0, 1e-9, 3, -1e9]) {
        const plan = planExperiment(given, question(experiment, value));
        assert.ok(numbersOf(plan).every(Number.isFinite), JSON.stringify(plan));
        assert.doesNotMatch(saidOf(given, question(experiment, value)), /NaN|Infinity|∞|undefined|null/);
      }
});
