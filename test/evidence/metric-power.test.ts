// The power of any primary metric: simulated crowds, split as an experiment splits them, judged by the verdict's own estimate.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hashPoints } from "../../src/evidence/assignment.ts";
import { claimsOf, logEOf } from "../../src/evidence/claims.ts";
import { phiAtStart } from "../../src/evidence/e-value.ts";
import { estimate, type Stratum } from "../../src/evidence/estimate.ts";
import { countedAfter } from "../../src/evidence/growth.ts";
import { type Metric, metricOf, mostPerUnit } from "../../src/evidence/metric.ts";
import { type Outlook, outlookOf } from "../../src/evidence/outlook.ts";
import {
  chanceToShow,
  daysToShow,
  expectedAfter,
  type Phase,
  POWER,
  ratingsToShow,
  smallestDifference,
} from "../../src/evidence/power.ts";
import { assertClose } from "./assert-close.ts";
import { crowd, type Rating, type Said, tallyValues, trafficOfValues } from "./crowd.ts";

const FIXED: Phase[] = [{ share: 0.1, from: 0 }];
const RAMP: Phase[] = [
  { share: 0.1, from: 0 },
  { share: 0.25, from: 0.5 },
  { share: 0.5, from: 1 },
];
const PEOPLE = { perDay: 600, regulars: 300, correlation: 0.2 };

/** What a loop may go by, and how often something is so with a user in this mood, at a model that is better by so much. */
const METRICS: { metric: Metric; phases: Phase[]; value: (mood: number, better: number) => number }[] = [
  { metric: metricOf("quality"), phases: FIXED, value: (mood, better) => 0.5 + 0.4 * mood + better },
  { metric: metricOf("feedback:joy"), phases: FIXED, value: (mood, better) => 10 * mood - 3 + better },
  { metric: metricOf("feedback:solved"), phases: RAMP, value: (mood, better) => (mood < 0.3 + better ? 1 : 0) },
  {
    metric: metricOf("feedback:effort", "lower"), // most need little, and some need very much
    phases: RAMP,
    value: (mood, better) => 1 - 2 * Math.log(1 - mood) - better,
  },
];

for (const { metric, phases, value } of METRICS)
  test(`of ${metric.key} the smallest difference is shown by the verdict's own estimate about 8 times in 10`, () => {
    const days = 7;
    const most = mostPerUnit(metric.key);
    const champion = { value: (mood: number) => value(mood, 0), most };
    const traffic = trafficOfValues(crowd({ seed: 1, days: 14, ...PEOPLE }), 14, champion);
    const outlook = outlookOf(traffic, metric);
    const yardstick = { phi: phiAtStart(0.05, outlook.values!.mean, metric.kind), alpha: 0.05 };
    const difference = smallestDifference(outlook, phases, days, yardstick)!;
    const challenger = { value: (mood: number) => value(mood, difference), most };
    const repetitions = 120;
    let shown = 0;
    for (let seed = 1000; seed < 1000 + repetitions; seed++) {
      const strata = split(crowd({ seed, days, ...PEOPLE }), { phases, days, salt: `${seed}`, champion, challenger });
      const { better } = claimsOf(estimate(strata, metric.kind)!, 0.05, metric);
      if (logEOf(better, yardstick.phi) >= Math.log(20)) shown++;
    }
    assert.ok(Math.abs(shown / repetitions - POWER) <= 0.11, `shown ${shown} times of ${repetitions}`);
  });

/** An experiment on these ratings: who enters by then, on which side, in which stratum. */
function split(
  ratings: readonly Rating[],
  given: { phases: readonly Phase[]; days: number; salt: string; champion: Said; challenger: Said },
): Stratum[] {
  const { phases, days, salt } = given;
  const final = phases.at(-1)!.share;
  const open = phases.filter(({ from }) => from < days);
  const points = new Map<number, ReturnType<typeof hashPoints>>();
  const pointsOf = (user: number) => {
    const known = points.get(user) ?? hashPoints(salt, `user:${user}`);
    points.set(user, known);
    return known;
  };
  const side = (stratum: number, who: "champion" | "challenger") => {
    const counts = ({ user, at }: Rating) => {
      const { u, e } = pointsOf(user);
      if (u < final !== (who === "challenger") || at < open[stratum]!.from || at >= days) return false;
      return open.findIndex(({ share }) => e < share / final) === stratum;
    };
    return tallyValues(ratings.filter(counts), given[who]);
  };
  return open.map((_, stratum) => ({ champion: side(stratum, "champion"), challenger: side(stratum, "challenger") }));
}

test("of quality every answer counts: two weeks foretell the variance after four, although people come back", () => {
  const metric = metricOf("quality");
  const said = { value: (mood: number) => mood ** 2, most: Infinity };
  const ratings = crowd({ seed: 4, days: 28, ...PEOPLE });
  const fortnight = ratings.filter(({ at }) => at < 14);
  const outlook = outlookOf(trafficOfValues(fortnight, 14, said), metric);
  for (const days of [7, 14, 28]) {
    const splits = Array.from({ length: 25 }, (_, salt) =>
      estimate(
        split(ratings, { phases: FIXED, days, salt: `salt ${salt}`, champion: said, challenger: said }),
        metric.kind,
      ),
    );
    const measured = splits.reduce((sum, each) => sum + each!.variance, 0) / splits.length;
    assertClose(expectedAfter(outlook, FIXED, days, 0)!.variance, measured, 0.12, `${days} days`);
  }
});

test("where everything counts, the squares go on as the time's square does, and ratings stop at ten", () => {
  // One user with an answer a day, and one new user a day.
  const growth = [7, 14].map((days) => ({ days, users: 1 + days, ratings: 2 * days, squares: days ** 2 + days }));
  assert.deepEqual(countedAfter(growth, 28, Infinity), { days: 28, users: 29, ratings: 56, squares: 28 ** 2 + 28 });
  assert.equal(countedAfter(growth, 28, 10).squares, 14 ** 2 + 14 + 2 * (14 ** 2 + 14 - 7 ** 2 - 7));
  const fading = [7, 14].map((days) => ({ days, users: 5, ratings: days, squares: days === 7 ? 10 : 14 }));
  assert.equal(countedAfter(fading, 28, Infinity).squares, 22, "what slows down does not turn round");
});

const GROWTH = [{ days: 14, users: 3500, ratings: 14_000, squares: 56_000 }];
const NUMBERS: Outlook = {
  metric: metricOf("feedback:minutes", "lower"),
  values: { mean: 40, variance: 400, binary: false },
  correlation: 0.1,
  growth: GROWTH,
  assumed: [],
  unmeasured: null,
};
const MINUTES = { phi: phiAtStart(0.05, 40, "number"), alpha: 0.05 };

test("of numbers smallest difference, days and ratings agree with each other, in their own unit", () => {
  const smallest = smallestDifference(NUMBERS, FIXED, 7, MINUTES)!;
  assert.ok(smallest > 1 && smallest < 6, `${smallest} minutes`);
  assertClose(daysToShow(NUMBERS, FIXED, smallest, MINUTES)!, 7, 1e-3, "days");
  assertClose(chanceToShow(NUMBERS, FIXED, 7, smallest, MINUTES), POWER, 1e-3, "chance");
  const people = { metric: NUMBERS.metric, values: NUMBERS.values!, designEffect: 1.3, unevenness: 4 };
  assertClose(ratingsToShow(smallest, 0.1, people, MINUTES), 7000, 1e-3, "ratings");
  const seconds: Outlook = { ...NUMBERS, values: { mean: 2400, variance: 400 * 3600, binary: false } };
  const inSeconds = smallestDifference(seconds, FIXED, 7, { ...MINUTES, phi: 60 * MINUTES.phi })!;
  assertClose(inSeconds, 60 * smallest, 1e-3, "the unit is nothing to it");
});

test("named feedback that is true or false spreads by its mean, on both sides by the larger, and has a ceiling", () => {
  const solved: Outlook = {
    ...NUMBERS,
    metric: metricOf("feedback:solved"),
    values: { mean: 0.1, variance: 0.09, binary: true },
  };
  const { variance } = expectedAfter(solved, FIXED, 7, 0.2)!;
  const own = (0.3 * 0.7 * 1.3) / 0.1 + (0.3 * 0.7 * 1.3) / 0.9;
  const pooled = 4 * 0.2 ** 2 * (0.9 ** 2 / 0.1 + 0.1 ** 2 / 0.9);
  assertClose(variance, (own + pooled) / 7000, 1e-9, "variance");
  const few: Outlook = { ...solved, growth: [{ days: 14, users: 700, ratings: 2000, squares: 6000 }] };
  assert.equal(
    smallestDifference(few, FIXED, 14, { phi: 0.0075, alpha: 0.05 }),
    null,
    "not even of one that never fails",
  );
});

test("a scale that is far from the values shows nothing, and is no number that is none", () => {
  for (const phi of [1e-12, 1e-6, 1e6, 1e100]) {
    const yardstick = { phi, alpha: 0.05 };
    const found = [smallestDifference(NUMBERS, FIXED, 7, yardstick), daysToShow(NUMBERS, FIXED, 2, yardstick)];
    assert.ok(
      found.every((value) => value === null || Number.isFinite(value)),
      `${phi}: ${found}`,
    );
    assert.ok(Number.isFinite(chanceToShow(NUMBERS, FIXED, 7, 2, yardstick)));
  }
  assert.equal(smallestDifference(NUMBERS, FIXED, 7, { phi: 1e-6, alpha: 0.05 }), null);
});
