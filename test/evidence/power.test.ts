import assert from "node:assert/strict";
import { test } from "node:test";
import { hashPoints } from "../../src/evidence/assignment.ts";
import { logEValue } from "../../src/evidence/e-value.ts";
import { estimate } from "../../src/evidence/estimate.ts";
import { countedAfter } from "../../src/evidence/growth.ts";
import { APPROVAL } from "../../src/evidence/metric.ts";
import { designEffect, type Outlook, outlookOf } from "../../src/evidence/outlook.ts";
import {
  chanceToShow,
  daysToShow,
  expectedAfter,
  type Phase,
  POWER,
  ratingsToShow,
  smallestDifference,
  varianceToShow,
} from "../../src/evidence/power.ts";
import { binaryValues } from "../../src/evidence/values.ts";
import { seededRandom } from "../../src/sandbox/seeded-random.ts";
import { assertClose } from "./assert-close.ts";
import { crowd, moodOf, type Rating, tallyRatings, trafficOf } from "./crowd.ts";

const YARDSTICK = { phi: 0.06, alpha: 0.05 };
const THUMBS = { metric: APPROVAL, values: binaryValues(0.8), unevenness: 7 };
const FIXED: Phase[] = [{ share: 0.1, from: 0 }];
const RAMP: Phase[] = [
  { share: 0.1, from: 0 },
  { share: 0.25, from: 0.5 },
  { share: 0.5, from: 1 },
];

test("the ratings needed are those of the method's page, to a tenth: four ratings a user, correlation .1", () => {
  // Geometric numbers of ratings with mean 4: seven times as many squares, so a design effect of 1.6; with the first ten alone, 1.48.
  for (const effect of [1.48, 1.6])
    for (const [difference, share, wanted] of [
      [0.08, 0.1, 5800],
      [0.08, 0.5, 2100],
      [0.04, 0.1, 23_000],
      [0.04, 0.5, 8300],
    ] as const) {
      const found = ratingsToShow(difference, share, { ...THUMBS, designEffect: effect }, YARDSTICK);
      assertClose(found, wanted, 0.1, `${difference} at ${share}, design effect ${effect}`);
    }
});

test("so many ratings do show the difference, by the estimate and e-value of the verdict, a little more often than promised", () => {
  const given = { approval: 0.8, difference: 0.08, correlation: 0.1 };
  const repetitions = 400;
  for (const share of [0.1, 0.5]) {
    const people = { ...THUMBS, designEffect: 1.48 };
    const wanted = ratingsToShow(given.difference, share, people, YARDSTICK);
    let shown = 0;
    for (let seed = 0; seed < repetitions; seed++) if (showsOnce({ ...given, share, wanted, seed })) shown++;
    const power = shown / repetitions;
    assert.ok(power >= POWER - 0.02, `${power} at ${share}`);
    // A challenger that people like better has less spread than the champion; the plan does not count on that.
    assert.ok(power <= POWER + 0.15, `${power} at ${share}: the plan is too careful`);
  }
});

/** One experiment of about `wanted` ratings, four a user on average, looked at once. */
function showsOnce(given: {
  approval: number;
  difference: number;
  correlation: number;
  share: number;
  wanted: number;
  seed: number;
}): boolean {
  const random = seededRandom(given.seed);
  const sides: Record<"champion" | "challenger", Rating[]> = { champion: [], challenger: [] };
  for (let user = 0, counted = 0; counted < given.wanted; user++) {
    const side = random() < given.share ? "challenger" : "champion";
    const usual = random();
    for (let number = 1; number <= 10; number++) {
      sides[side].push({ user, at: 0, mood: moodOf(random, usual, given.correlation) });
      counted++;
      if (random() < 0.25) break;
    }
  }
  const champion = tallyRatings(sides.champion, given.approval);
  const found = estimate([
    { champion, challenger: tallyRatings(sides.challenger, given.approval + given.difference) },
  ])!;
  const variance = Math.max(found.variance, found.nullVariance);
  return logEValue(found.difference, variance, YARDSTICK.phi) >= Math.log(20);
}

test("returning people, the cap of ten and a ramp's strata: the variance foreseen is the one that the estimate finds", () => {
  const ratings = crowd({ seed: 1, days: 14, perDay: 600, regulars: 300, correlation: 0.2 });
  const outlook = outlookOf(trafficOf(ratings, 14, 0.8));
  for (const phases of [FIXED, RAMP])
    for (const days of [2, 7, 14]) {
      const splits = Array.from(
        { length: 25 },
        (_, salt) => estimate(strataOf(ratings, phases, days, `salt ${salt}`))!,
      );
      const measured = splits.reduce((sum, each) => sum + each.variance, 0) / splits.length;
      const foreseen = expectedAfter(outlook, phases, days, 0)!.variance;
      assertClose(foreseen, measured, 0.1, `${phases.length} phases, ${days} days`);
    }
});

/** An experiment of identical models: who enters by then, on which side, in which stratum. */
function strataOf(ratings: readonly Rating[], phases: readonly Phase[], days: number, salt: string) {
  const final = phases.at(-1)!.share;
  const open = phases.filter(({ from }) => from < days);
  const placed = ratings.flatMap((rating) => {
    const { u, e } = hashPoints(salt, `user:${rating.user}`);
    const stratum = open.findIndex(({ share }) => e < share / final);
    const counts = stratum >= 0 && rating.at >= open[stratum]!.from && rating.at < days;
    return counts ? [{ rating, stratum, challenger: u < final }] : [];
  });
  const side = (stratum: number, challenger: boolean) =>
    tallyRatings(
      placed.filter((each) => each.stratum === stratum && each.challenger === challenger).map(({ rating }) => rating),
      0.8,
    );
  return open.map((_, stratum) => ({ champion: side(stratum, false), challenger: side(stratum, true) }));
}

test("the correlation of a user's ratings is measured, and what it makes of them grows as people come back", () => {
  const ratings = crowd({ seed: 3, days: 14, perDay: 1000, regulars: 400, correlation: 0.2 });
  const outlook = outlookOf(trafficOf(ratings, 14, 0.8));
  assertClose(outlook.correlation, 0.2, 0.15, "correlation");
  assert.deepEqual([outlook.assumed, outlook.unmeasured], [[], null]);
  assert.ok(designEffect(outlook, 2) < designEffect(outlook, 7));
  assert.ok(designEffect(outlook, 1000) < 1 + 9 * outlook.correlation, "of ten ratings at most");
});

test("counts go on a straight line between measurements, and on after the last as in the second half", () => {
  const growth = [
    { days: 1, users: 10, ratings: 20, squares: 60 },
    { days: 2, users: 15, ratings: 30, squares: 100 },
  ];
  assert.deepEqual(countedAfter(growth, 0, 10), { days: 0, users: 0, ratings: 0, squares: 0 });
  assert.deepEqual(countedAfter(growth, 0.5, 10), { days: 0.5, users: 5, ratings: 10, squares: 30 });
  assert.deepEqual(countedAfter(growth, 1.5, 10), { days: 1.5, users: 12.5, ratings: 25, squares: 80 });
  assert.deepEqual(countedAfter(growth, 4, 10), { days: 4, users: 25, ratings: 50, squares: 180 });
});

const STEADY: Outlook = {
  ...THUMBS,
  correlation: 0.1,
  growth: [{ days: 14, users: 3500, ratings: 14_000, squares: 56_000 }],
  assumed: [],
  unmeasured: null,
};

test("smallest difference, days and ratings agree with each other", () => {
  const smallest = smallestDifference(STEADY, FIXED, 7, YARDSTICK)!;
  assertClose(daysToShow(STEADY, FIXED, smallest, YARDSTICK)!, 7, 1e-3, "days");
  assertClose(chanceToShow(STEADY, FIXED, 7, smallest, YARDSTICK), POWER, 1e-3, "chance");
  const people = { ...THUMBS, designEffect: designEffect(STEADY, 7) };
  assertClose(ratingsToShow(smallest, 0.1, people, YARDSTICK), 7000, 1e-3, "ratings");
  assertClose(
    varianceToShow(smallest, YARDSTICK),
    expectedAfter(STEADY, FIXED, 7, smallest)!.variance,
    1e-3,
    "variance",
  );
});

test("a ramp to a half needs about 2.5 times less than a tenth, once its phases are open", () => {
  const fixed = daysToShow(STEADY, FIXED, 0.04, YARDSTICK)!;
  const ramp = daysToShow(STEADY, RAMP, 0.04, YARDSTICK)!;
  assert.ok(fixed / ramp > 2.2 && fixed / ramp < 2.8, `${fixed} and ${ramp}`);
});

test("where the champion is seldom liked, the challenger's larger spread is reckoned with", () => {
  const { variance } = expectedAfter({ ...STEADY, values: binaryValues(0.1) }, FIXED, 7, 0.2)!;
  const spread = (0.3 * 0.7) / 0.1 + (0.1 * 0.9) / 0.9;
  assertClose(variance, (spread * 1.3) / 7000, 1e-9, "variance");
});

test("nothing is shown before the rule's least users and ratings, however large the difference", () => {
  const few: Outlook = { ...STEADY, growth: [{ days: 14, users: 140, ratings: 1400, squares: 14_000 }] };
  assert.equal(smallestDifference(few, FIXED, 14, YARDSTICK), null);
  assert.equal(chanceToShow(few, FIXED, 14, 0.2, YARDSTICK), 0, "fourteen users of the challenger");
  assert.ok(daysToShow(few, FIXED, 0.15, YARDSTICK)! >= 30, "thirty of them");
});

test("traffic that came to an end shows nothing more, in ten years", () => {
  const over: Outlook = {
    ...STEADY,
    growth: [
      { days: 7, users: 50, ratings: 200, squares: 800 },
      { days: 14, users: 50, ratings: 200, squares: 800 },
    ],
  };
  assert.equal(daysToShow(over, FIXED, 0.04, YARDSTICK), null);
});

test("people who come back for ever count for ten ratings each, and no more", () => {
  const growth = [
    { days: 14, users: 100, ratings: 400, squares: 2000 },
    { days: 28, users: 100, ratings: 800, squares: 7000 },
  ];
  assert.deepEqual(countedAfter(growth, 1000, 10), { days: 1000, users: 100, ratings: 1000, squares: 10_000 });
});
