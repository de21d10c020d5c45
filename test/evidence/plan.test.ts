import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { phiAtStart } from "../../src/evidence/e-value.ts";
import type { Traffic } from "../../src/evidence/outlook.ts";
import { planExperiment } from "../../src/evidence/plan.ts";
import { span } from "../../src/evidence/plan-figures.ts";
import { planQuestion } from "../../src/evidence/plan-question.ts";
import { type Past, planWords } from "../../src/evidence/plan-words.ts";
import { crowd, trafficOf } from "./crowd.ts";
import { NO_PAST, numbersOf, saidOf } from "./plan-said.ts";

const NONE: Traffic = { days: 14, interactions: 0, ratings: 0, anonymous: 0, userDays: 0, growth: [] };

function question(experiment: Record<string, unknown> = {}, asked = {}, approval: number | null = 0.8) {
  return planQuestion(parseLoopSettings({ name: "shop", experiment }), asked, approval);
}

/** Ratings of so many a day for two weeks, four fifths of them up. */
function traffic(perDay: number, approval = 0.8): Traffic {
  const ratings = crowd({ seed: 5, days: 14, perDay, regulars: Math.ceil(perDay / 2), correlation: 0.1 });
  return trafficOf(ratings, 14, approval);
}

const said = (given: Traffic, asked = question(), past?: Past) => saidOf(given, asked, past);

test("a question takes the loop's settings, but for what is given in their place", () => {
  const own = question({ share: 0.2, minLift: 0.1, minDuration: "3 days" });
  assert.deepEqual([own.share, own.minLift, own.within, own.minDuration, own.maxDuration], [0.2, 0.1, 3, 3, 14]);
  assert.equal(own.phi, phiAtStart(0.1, 0.8), "as it would be frozen");
  const asked = question({}, { share: 0.3, minLift: 0.02, within: 7 });
  assert.deepEqual([asked.share, asked.minLift, asked.within, asked.minDuration], [0.3, 0.02, 7, 2]);
  assert.deepEqual(
    own.ramp.map(({ share, from }) => [share, from]),
    [
      [0.1, 0],
      [0.25, 0.5],
      [0.5, 1],
    ],
  );
});

test("while an experiment runs, the question is by what it has frozen", () => {
  const settings = parseLoopSettings({ name: "shop", experiment: { share: 0.2, minLift: 0.1 } });
  const day = 86_400_000;
  const frozen = { share: 0.3, minLift: 0.04, phi: 0.05, minDuration: 3 * day, maxDuration: 9 * day };
  const { share, minLift, phi, within, minDuration, maxDuration } = planQuestion(settings, {}, 0.9, frozen);
  assert.deepEqual([share, minLift, phi, within, minDuration, maxDuration], [0.3, 0.04, 0.05, 3, 3, 9]);
  assert.equal(planQuestion(settings, { minLift: 0.08 }, 0.9, frozen).phi, phiAtStart(0.08, 0.9));
  const ramp = [
    { share: 0.1, from: 0 },
    { share: 0.3, from: day },
  ];
  const ramped = planQuestion(settings, {}, 0.9, { ...frozen, ramp });
  assert.deepEqual([ramped.ramped, ramped.ramp.map(({ from }) => from)], [true, [0, 1]]);
  const plan = planExperiment(traffic(800), ramped);
  assert.equal(plan.own, "ramp");
  const { lines } = planWords(plan, NO_PAST);
  assert.match(lines.map(({ about, words }) => `${about}: ${words}`).join("\n"), /^fixed share: at 30 %, /m);
});

test("modest traffic: what 48 hours show, how long the wanted lift takes, and that a ramp saves days", () => {
  const modest = traffic(800);
  const plan = planExperiment(modest, question());
  assert.equal(plan.own, "fixed");
  assert.equal(plan.decides, false);
  assert.ok(plan.fixed.smallestLift! > 0.14 && plan.fixed.smallestLift! < 0.2);
  assert.ok(plan.ramp.smallestLift! > 0.1 && plan.ramp.smallestLift! < 0.14);
  assert.ok(plan.fixed.days! > 30 && plan.ramp.days! < 14);
  assert.equal(plan.daysSaved, plan.fixed.days! - plan.ramp.days!);
  const words = said(modest);
  assert.match(
    words,
    /^traffic: about 800 ratings a day from 3\d\d users \(.*\); at 10 % the challenger gets about 80 of them$/m,
  );
  assert.match(
    words,
    /^in 48 hours: at 10 %, a true lift of \+1\d(\.\d)? % or more is shown \(8 times in 10\); one of \+5 % is seen \d times in 100$/m,
  );
  assert.match(
    words,
    /^for \+5 %: at 10 %, about \d+ days, longer than maxDuration \(14 days\): it takes about [\d,]+ ratings/m,
  );
  assert.match(
    words,
    /^with a ramp: with 10 %, 25 % from 12 hours, 50 % from 24 hours, about 1\d days: .* That is \d+ days less\. In 48 hours/m,
  );
  assert.match(words, /^warning: 48 hours at 10 % cannot decide, and neither can maxDuration \(14 days\)/m);
});

test("plenty of traffic decides in time, and there is nothing to warn of", () => {
  const plenty = traffic(20_000);
  const plan = planExperiment(plenty, question());
  assert.equal(plan.decides, true);
  assert.equal(plan.fixed.days, 2, "never before minDuration");
  assert.equal(plan.daysSaved, 0);
  assert.deepEqual(planWords(plan, NO_PAST).warnings, []);
});

test("no traffic and no ratings: typical numbers, marked as such, and what is missing", () => {
  const plan = planExperiment(NONE, question());
  assert.deepEqual(plan.assumed, ["traffic", "approval", "correlation"]);
  assert.equal(plan.decides, false);
  assert.deepEqual([plan.fixed.days, plan.fixed.smallestLift], [null, null]);
  assert.ok(plan.fixed.ratings! > 20_000 && plan.fixed.ratings! < 26_000);
  const words = said(NONE);
  assert.match(words, /^in 48 hours: at 10 %, nothing can be shown without ratings$/m);
  assert.match(words, /^for \+5 %: at 10 %, about 24,\d00 ratings on both sides together: 12,\d00 a day/m);
  assert.match(words, /typical numbers are taken: 80 % thumbs up/);
  assert.match(words, /^warning: no traffic yet: /m);
  assert.match(words, /^warning: no ratings: /m);
  assert.doesNotMatch(said({ ...NONE, interactions: 9 }), /no traffic/);
});

test("all thumbs up, all thumbs down and too few are said, and reckoned with at a typical approval", () => {
  const cases = [
    [traffic(100, 2), "all_up", /every thumb is up, and nothing can be better than that, so typical numbers/],
    [traffic(100, -1), "all_down", /every thumb is down, and no lift can be given on nothing, so typical numbers/],
    [traffic(2), "too_few", /too few ratings to measure by, so typical numbers are taken: 80 % thumbs up/],
  ] as const;
  for (const [given, unmeasured, words] of cases) {
    const plan = planExperiment(given, question());
    assert.deepEqual([plan.unmeasured, plan.value], [unmeasured, 0.8]);
    assert.match(said(given), words);
    assert.doesNotMatch(said(given), /days, .*, 80 % thumbs up\)/, "what is assumed is not given out as measured");
  }
});

test("a lift above the ceiling is refused by name, and no lift asked for is none", () => {
  const high = planExperiment(traffic(2000, 0.97), question({}, {}, 0.97));
  assert.deepEqual([high.fixed.days, high.fixed.ratings, high.decides], [null, null, false]);
  assert.match(
    said(traffic(2000, 0.97)),
    /^warning: \+5 % on an approval of 97(\.\d)? % would be more than 100 %: the highest lift/m,
  );
  assert.match(said(traffic(2000), question({ minLift: 0 })), /no least lift is asked for/);
});

test("ratings of nobody, an hour of traffic, and experiments that are switched off are warned of", () => {
  assert.match(
    said({ ...traffic(100), anonymous: 1400 }),
    /^warning: 50 % of the thumbs are on answers that name neither/m,
  );
  assert.doesNotMatch(said({ ...traffic(100), anonymous: 10 }), /neither user/);
  const hour = {
    ...trafficOf(crowd({ seed: 1, days: 1 / 24, perDay: 24_000, regulars: 50, correlation: 0.1 }), 1 / 24, 0.8),
  };
  assert.match(said(hour), /^warning: only 60 minutes of traffic could be read/m);
  assert.match(said(traffic(100), question({ enabled: false })), /^warning: experiments are switched off/m);
});

test("few people who all come back: too few to judge by is said, not a lift", () => {
  const words = said(traffic(20));
  assert.match(
    words,
    /^in 48 hours: at 10 %, the ratings are too few to judge by: a promotion takes 100 of the challenger, from 30 users/m,
  );
});

test("where the same few people rate again and again, no time is long enough, and the words say why", () => {
  const same = trafficOf(
    crowd({ seed: 2, days: 14, perDay: 100, regulars: 60, correlation: 0.1 }).filter(({ user }) => user < 60),
    14,
    0.8,
  );
  const plan = planExperiment(same, question());
  assert.deepEqual([plan.fixed.days, plan.fixed.tooFewPeople], [null, true]);
  assert.match(said(same), /^for \+5 %: at 10 %, never: too few people rate for 30 of them to meet the challenger$/m);
});

test("past experiments are counted, overrides and rollbacks by themselves, and what may be luck in words to picture", () => {
  const past = (counts: Partial<Past>) => said(NONE, question(), { ...NO_PAST, ...counts });
  const luck = "Of experiments in which nothing is better, about 1 in 20 promotes by luck at most";
  assert.match(past({}), new RegExp(`^so far: no experiment is finished\\. ${luck}$`, "m"));
  assert.match(
    past({ finished: 6, promoted: 2 }),
    new RegExp(`^so far: 6 experiments have ended: 2 promoted on the evidence\\. ${luck}$`, "m"),
  );
  assert.match(
    past({ finished: 41, promoted: 2, overridden: 3, rolledBack: 1 }),
    /: 2 promoted on the evidence, 3 by an operator who overrode it, 1 of these rolled back\. .* at most: of these up to about 2$/m,
  );
});

test("days beyond maxDuration decide nothing, and that is said first", () => {
  const some = traffic(1500);
  const beyond = planExperiment(some, question({}, { within: 60 }));
  assert.ok(beyond.fixed.days! > 14 && beyond.fixed.days! < 60, `${beyond.fixed.days}`);
  assert.equal(beyond.decides, false, "an experiment is over by then");
  assert.match(
    planWords(beyond, NO_PAST).warnings[0]!,
    /^60 days are longer than maxDuration \(14 days\), when an experiment ends/,
  );
  assert.equal(planExperiment(some, question({ maxDuration: "60 days" }, { within: 60 })).decides, true);
});

test("a plan says why its days are more than its ratings divided by those of a day", () => {
  assert.match(
    said(traffic(800)),
    /^for \+5 %: .*it takes about .* ratings on both sides together\. Of each user only the first 10 ratings count, so that of the 800 a day fewer do/m,
  );
});

test("a probation that will compare nobody is warned of", () => {
  const unwatched = planQuestion(parseLoopSettings({ name: "shop", probation: { holdback: 0 } }), {}, 0.8);
  assert.match(
    said(traffic(300), unwatched),
    /^warning: probation\.holdback is 0, so that for the 2 days after a promotion/m,
  );
  assert.doesNotMatch(said(traffic(300)), /holdback/);
});

test("short times are told in whole units", () => {
  assert.deepEqual([1 / 1440, 0.5 / 1440, 1 / 86_400, 90 / 1440, 2].map(span), [
    "1 minute",
    "30 seconds",
    "1 second",
    "90 minutes",
    "48 hours",
  ]);
});

test("no plan has a number that is not one, whatever comes in", () => {
  const one = { users: 1, sumY: 1, sumK: 1, sumYY: 1, sumYK: 1, sumKK: 1 };
  const odd: Traffic[] = [
    NONE,
    { ...NONE, days: 1 / 24, ratings: 1, userDays: 1, growth: [{ days: 1 / 24, tally: one }] },
    traffic(1),
    traffic(3000, 0.999),
    { ...traffic(50), growth: traffic(50).growth.slice(0, 1) },
  ];
  for (const given of odd)
    for (const settings of [
      {},
      { minLift: 0 },
      { minLift: 1 },
      { share: 0.999, minDuration: "0 seconds" },
      { share: 0.0001 },
    ]) {
      const holdback = { probation: { holdback: 0 } };
      const asked = planQuestion(parseLoopSettings({ name: "shop", experiment: settings, ...holdback }), {}, 0);
      const plan = planExperiment(given, asked);
      assert.ok(numbersOf(plan).every(Number.isFinite), JSON.stringify(plan));
      assert.doesNotMatch(said(given, asked), /NaN|Infinity|∞|undefined|null/);
    }
});
