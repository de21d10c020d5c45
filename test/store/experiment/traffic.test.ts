import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Feedback } from "../../../src/domain/feedback.ts";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { tallyOf, unitTotals } from "../../../src/evidence/tally.ts";
import { seededRandom } from "../../../src/sandbox/seeded-random.ts";
import { finishedExperiments } from "../../../src/store/experiment/finished.ts";
import { conclude, promote } from "../../../src/store/experiment/lifecycle.ts";
import { readTallies } from "../../../src/store/experiment/tallies.ts";
import { readTraffic } from "../../../src/store/experiment/traffic.ts";
import { daysToRead } from "../../../src/store/experiment/traffic-window.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { rollBack } from "../../../src/store/promotions.ts";
import { assertClose } from "../../evidence/assert-close.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import {
  ASKED,
  AT,
  HOLD,
  HOUR,
  hours,
  interactionOf,
  makeLoop,
  PROMOTE,
  ratingOf,
  startExperiment,
} from "../loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const say = (given: Partial<Interaction>[]) => within((tx) => recordInteractions(tx, loop, given.map(interactionOf)));
const rate = (feedback: Feedback[]) => within((tx) => recordFeedback(tx, loop, feedback, AT));
const traffic = (asOf = AT) => within((tx) => readTraffic(tx, loop, asOf));

test("what is read is what an experiment of all users would have counted, day by day: a plain recount agrees", async () => {
  const random = seededRandom(11);
  const given = Array.from({ length: 400 }, (_, index) => ({
    at: hours(-24 * 18 * random()),
    unit: index % 9 === 0 ? null : `unit-${Math.floor(30 * random() ** 2)}`,
  }));
  given.sort((left, right) => left.at.getTime() - right.at.getTime());
  const ids = await say(given);
  const thumbs = ids.flatMap((id, index) => {
    const raters = random() < 0.5 ? ["a"] : random() < 0.2 ? ["B", "a"] : [];
    return raters.map((rater) => ({ id, rater, value: random() < 0.7 ? 1 : -1, ...given[index]! }));
  });
  await rate(thumbs.map(({ id, rater, value }) => ratingOf(id, value, { rater })));
  await rate([ratingOf(ids[399]!, 4, { name: "stars", rater: "a" }), ratingOf(ids[398]!, 0, { rater: "c" })]);

  const found = await traffic();
  const days = 14;
  const from = AT.getTime() - days * 24 * HOUR;
  const read = thumbs.filter(({ at }) => at.getTime() >= from);
  const ofUnits = read.filter(({ unit }) => unit !== null);
  assert.equal(found.days, days);
  assert.equal(found.interactions, given.filter(({ at }) => at.getTime() >= from).length);
  assert.deepEqual([found.ratings, found.anonymous], [ofUnits.length, read.length - ofUnits.length]);
  const dayOf = (at: Date) => Math.floor((at.getTime() - from) / (24 * HOUR));
  assert.equal(found.userDays, new Set(ofUnits.map(({ unit, at }) => `${unit} ${dayOf(at)}`)).size);
  assert.equal(found.growth.length, 14);
  for (const { days: until, tally } of found.growth) {
    const units = Map.groupBy(
      ofUnits.filter(({ at }) => at.getTime() < from + until * 24 * HOUR),
      ({ unit }) => unit,
    );
    const totals = [...units.values()].map((ratings) =>
      unitTotals(ratings.map(({ id, rater, value }) => ({ interactionId: id, name: rater, value: value > 0 ? 1 : 0 }))),
    );
    assert.deepEqual(tally, tallyOf(totals), `after ${until} days`);
  }
  assert.ok(found.growth.at(-1)!.tally.sumK < ofUnits.length, "somebody rated more than ten times");
});

test("a loop without answers, and one without thumbs, has noughts and no growth", async () => {
  const none = { days: 14, interactions: 0, ratings: 0, anonymous: 0, userDays: 0, elsewhere: 0, growth: [] };
  assert.deepEqual(await traffic(), none);
  await say([{ unit: "unit-1", at: hours(-72) }]);
  assert.deepEqual(await traffic(), { ...none, days: 3, interactions: 1 });
});

test("a withdrawn thumb is gone, and a changed one counts as it is now", async () => {
  const [kept, withdrawn] = await say([
    { unit: "unit-1", at: hours(-48) },
    { unit: "unit-2", at: hours(-47) },
  ]);
  await rate([ratingOf(kept!, 1), ratingOf(withdrawn!, 1)]);
  await rate([ratingOf(kept!, -1), ratingOf(withdrawn!, null)]);
  const { ratings, growth } = await traffic();
  assert.equal(ratings, 1);
  assert.deepEqual(growth.at(-1)!.tally, { users: 1, sumY: 0, sumK: 1, sumYY: 0, sumYK: 0, sumKK: 1 });
});

test("a young loop is read from its first answer on, and no loop for less than an hour", async () => {
  const [first] = await say([{ unit: "unit-1", at: hours(-12) }]);
  await rate([ratingOf(first!, 1)]);
  const { days, growth } = await traffic();
  assert.equal(days, 0.5);
  assert.deepEqual([growth[0]!.tally.sumK, growth.at(-1)!.days], [1, 0.5]);
  assert.equal((await traffic(new Date(hours(-12).getTime() + 60_000))).days, 1 / 24);
  assert.equal((await traffic(hours(-13))).ratings, 0, "nothing of the future");
});

test("where thumbs are many, the newest are read, by the sums of the days", async () => {
  await say([{ unit: "unit-1", at: hours(-24 * 13) }]);
  const sum = (day: string, up: number) =>
    database.query("insert into feedback_rollup (loop, day, action_type, up) values ($1, $2, '', $3)", [loop, day, up]);
  await sum("2026-11-02", 20_000);
  assert.equal((await traffic()).days, 13, "all of these can be read");
  await sum("2026-10-30", 40_000);
  await sum("2026-10-27", 60_000);
  assert.equal((await traffic()).days, 4, "three quarters of the 30th would do; whole days");
  await sum("2026-11-03", 100_000);
  assert.equal((await traffic()).days, 0.25, "half of today's, which are from twelve hours");
});

test("another loop's ratings are nobody's business", async () => {
  const [id] = await say([{ unit: "unit-1", at: hours(-48) }]);
  await rate([ratingOf(id!, 1)]);
  loop = `loop-${++made}`;
  await makeLoop(database.db, loop);
  assert.deepEqual([(await traffic()).interactions, (await traffic()).ratings], [0, 0]);
});

test("finished are experiments that were decided, probation included, and not the one under way", async () => {
  const finished = () => within((tx) => finishedExperiments(tx, loop));
  const first = await startExperiment(database.db, loop, "first");
  const none = { finished: 0, promoted: 0, overridden: 0, rolledBack: 0 };
  assert.deepEqual(await finished(), none);
  await within((tx) => conclude(tx, loop, first.id, { outcome: "futile", verdict: HOLD, at: hours(1) }, ASKED));
  const second = await startExperiment(database.db, loop, "second");
  await within((tx) => promote(tx, loop, second.id, { verdict: PROMOTE, supported: true, at: hours(2) }, ASKED));
  assert.deepEqual(await finished(), { ...none, finished: 2, promoted: 1 });
  await within((tx) => rollBack(tx, loop, ASKED, hours(3)));
  const third = await startExperiment(database.db, loop, "third");
  await within((tx) => promote(tx, loop, third.id, { verdict: HOLD, supported: false, at: hours(4) }, ASKED));
  assert.deepEqual(await finished(), { finished: 3, promoted: 1, overridden: 1, rolledBack: 1 });
});

test("of errors, slow answers and cost the traffic is what the tallies of an experiment of everybody count", async () => {
  const slowAbove = 2_000_000;
  const { id: experimentId } = await startExperiment(database.db, loop, "tried", { slowAbove });
  const random = seededRandom(4);
  await say(
    Array.from({ length: 200 }, (_, index) => ({
      at: hours(index / 10 - 48),
      unit: `unit-${Math.floor(12 * random())}`,
      counted: { experimentId, phase: "experiment" as const, stratum: 0 },
      error: random() < 0.1 ? "time-out" : null,
      latencyUs: Math.round(3_000_000 * random()),
      costMicros: random() < 0.7 ? Math.round(500 * random()) : null,
    })),
  );
  const tallies = await within((tx) => readTallies(tx, experimentId, "experiment"));
  for (const metric of ["error", "slow", "cost"]) {
    const { growth } = await within((tx) => readTraffic(tx, loop, AT, metric, slowAbove));
    const { users, sumY, sumK, sumYY, sumYK, sumKK } = tallies.find((tally) => tally.metric === metric)!;
    assert.ok(sumK > 100 && sumY > 0, metric);
    assert.deepEqual(growth.at(-1)!.tally, { users, sumY, sumK, sumYY, sumYK, sumKK }, metric);
  }
});

test("of quality and of named feedback the traffic is what the tallies of an experiment of everybody count", async () => {
  const metrics = [
    { name: "effort", better: "lower" as const, margin: 0.5 },
    { name: "solved", better: "higher" as const, margin: 0.1 },
  ];
  const { id: experimentId } = await startExperiment(database.db, loop, "tried", { metrics });
  const random = seededRandom(12);
  const given = Array.from({ length: 300 }, (_, index) => ({
    at: hours(24 * 6 * (index / 300)),
    unit: index % 11 === 0 ? null : `unit-${Math.floor(20 * random() ** 2)}`,
    quality: random() < 0.7 ? Math.round(1000 * random()) / 1000 : null,
  }));
  const ids = await say(
    given.map((row) => ({
      ...row,
      counted: row.unit === null ? null : { experimentId, phase: "experiment" as const, stratum: 0 },
    })),
  );
  const effort = (id: string) => ratingOf(id, Math.round(1e7 * random()) / 1e7 - 0.25, { name: "effort", rater: "a" });
  await rate(ids.filter(() => random() < 0.8).map(effort));
  await rate(ids.slice(0, 40).map((id) => ratingOf(id, effort(id).value, { name: "effort", rater: "B" })));
  await rate(
    ids.filter((_, index) => index % 2 === 0).map((id) => ratingOf(id, random() < 0.4 ? 1 : 0, { name: "solved" })),
  );
  await rate([
    ratingOf(ids[1]!, "much", { name: "effort", rater: "a" }),
    ratingOf(ids[2]!, 2e9, { name: "effort", rater: "a" }),
    ratingOf(ids[3]!, null, { name: "effort", rater: "a" }),
    ratingOf(ids[4]!, 9, { name: "other", rater: "a" }),
    ...ids.map((id) => ratingOf(id, random() < 0.8 ? 1 : -1)),
  ]);

  const asOf = hours(24 * 7);
  const tallies = await within((tx) => readTallies(tx, experimentId, "experiment"));
  for (const metric of ["quality", "feedback:effort", "feedback:solved", "approval"]) {
    const found = await within((tx) => readTraffic(tx, loop, asOf, metric));
    const { metric: _, variant, stratum, ...tally } = tallies.find((row) => row.metric === metric)!;
    assert.deepEqual(found.growth.at(-1)!.tally, tally, metric);
    assert.equal(found.values?.binary, { quality: false, "feedback:effort": false, "feedback:solved": true }[metric]);
    assert.equal(found.growth.length, 14);
  }
  const quality = await within((tx) => readTraffic(tx, loop, asOf, "quality"));
  const ofUnits = given.flatMap((row) => (row.quality === null || row.unit === null ? [] : [row.quality]));
  assert.deepEqual(
    [quality.ratings, quality.growth.at(-1)!.tally.sumK],
    [ofUnits.length, ofUnits.length],
    "all of them",
  );
  assert.equal(quality.anonymous, given.filter((row) => row.quality !== null && row.unit === null).length);
  assert.equal(quality.elsewhere, ofUnits.length, "of no model of the loop");
  const mean = ofUnits.reduce((sum, value) => sum + value, 0) / ofUnits.length;
  const variance = ofUnits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ofUnits.length;
  assertClose(quality.values!.variance, variance, 1e-6, "variance");
  const effortless = await within((tx) => readTraffic(tx, loop, asOf, "feedback:effort"));
  assert.ok(effortless.growth.at(-1)!.tally.sumK < effortless.ratings, "of ratings the first ten of each");
});

test("a metric without values has noughts, no growth and no spread", async () => {
  const [id] = await say([{ unit: "unit-1", at: hours(-72) }]);
  await rate([ratingOf(id!, 1)]);
  for (const metric of ["quality", "feedback:effort"]) {
    const found = await within((tx) => readTraffic(tx, loop, AT, metric));
    assert.deepEqual(found, { days: 3, interactions: 1, ratings: 0, anonymous: 0, userDays: 0, growth: [] });
  }
});

test("where values of another metric are many, the newest are read", async () => {
  const ids = await say(
    Array.from({ length: 12 }, (_, day) => ({ unit: "unit-1", at: hours(24 * (day - 12)), quality: 0.5 })),
  );
  await rate(ids.map((id) => ratingOf(id, 3, { name: "effort" })));
  for (const metric of ["quality", "feedback:effort"]) {
    const days = (most: number) => within((tx) => daysToRead(tx, { loop, metric, asOf: AT, most }));
    assert.deepEqual([await days(12), await days(5), await days(1)], [14, 6, 2], metric);
  }
});
