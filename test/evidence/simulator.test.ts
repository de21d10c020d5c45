// The simulator of bench/evidence, on a small scale and by fixed chance: what it says must not rot.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CELLS } from "../../bench/evidence/cells.ts";
import { count, together } from "../../bench/evidence/count.ts";
import { drawsOf } from "../../bench/evidence/draws.ts";
import { naiveRule } from "../../bench/evidence/naive-rule.ts";
import { USUAL, visits } from "../../bench/evidence/population.ts";
import { simulate } from "../../bench/evidence/simulate.ts";
import { simulationReport } from "../../bench/evidence/simulation-report.ts";
import { cappedSums } from "../../bench/evidence/sums.ts";
import { fixedShare, RAMP } from "../../bench/evidence/traffic.ts";
import { tallyOf, unitTotals } from "../../src/evidence/tally.ts";
import { assertClose } from "./assert-close.ts";

const population = { ...USUAL, ratings: 1000 };

test("draws have the means, the spread and the correlation that they are asked for", () => {
  const draws = drawsOf("means");
  const many = (draw: () => number) => Array.from({ length: 20_000 }, draw);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assertClose(mean(many(draws.uniform)), 0.5, 0.02, "uniform");
  assertClose(mean(many(() => draws.exponential(12))), 12, 0.03, "exponential");
  const visitsOfUsers = many(() => draws.geometric(4));
  assertClose(mean(visitsOfUsers), 4, 0.03, "geometric");
  assertClose(mean(visitsOfUsers.map((value) => value ** 2)), 28, 0.05, "geometric, squared");
  for (const [centre, correlation] of [
    [0.8, 0.1],
    [0.96, 0.3],
  ] as const) {
    const rates = many(() => draws.beta(centre, correlation));
    assertClose(mean(rates), centre, 0.01, "beta");
    const variance = mean(rates.map((rate) => (rate - centre) ** 2));
    assertClose(variance, correlation * centre * (1 - centre), 0.06, "beta's spread");
  }
});

test("a population gives as many ratings in 48 hours as it says, however its users come", () => {
  for (const coming of ["half once, half all week", "half anew, half regulars", "everybody once"] as const) {
    const draws = drawsOf(coming);
    const found = Array.from({ length: 20 }, () => {
      const { byLook } = visits({ ...population, coming }, draws);
      return byLook.slice(0, 96).reduce((sum, arrived) => sum + arrived.length, 0);
    });
    assertClose(found.reduce((sum, ratings) => sum + ratings, 0) / 20, 1000, 0.05, coming);
  }
});

test("running sums are those of the first ten ratings of each unit, in whatever order ratings arrive", () => {
  const draws = drawsOf("sums");
  const sums = cappedSums(1);
  const units = Array.from({ length: 5 }, (): { interactionId: string; name: string; value: number }[] => []);
  for (let rating = 0; rating < 120; rating++) {
    const unit = Math.floor(draws.uniform() * units.length);
    const asked = draws.uniform() * 100;
    const value = draws.uniform() < 0.5 ? 1 : 0;
    units[unit]!.push({ interactionId: asked.toFixed(9).padStart(14, "0"), name: "thumb", value });
    sums.rate(0, "challenger", unit, asked, value);
  }
  assert.deepEqual(sums.strata[0]!.challenger, tallyOf(units.map(unitTotals)));
  assert.equal(sums.strata[0]!.champion.users, 0);
});

test("the same name gives the same experiment, and batches add up whatever their order", () => {
  const world = { population, traffic: RAMP, effect: 0.1 };
  assert.deepEqual(simulate(world, "one"), simulate(world, "one"));
  const [first, second] = [count(world, "batch", 0, 4), count(world, "batch", 4, 10)];
  assert.deepEqual(together(second, first), count(world, "batch", 0, 10));
});

test("the naive rule promotes by five per cent or more, from ten ratings of the challenger on", () => {
  const naive = naiveRule();
  for (let rating = 0; rating < 20; rating++) naive.rate("champion", rating % 5 === 0 ? 0 : 1); // 80 %
  for (let rating = 0; rating < 9; rating++) naive.rate("challenger", 1);
  assert.equal(naive.promotes(), false);
  naive.rate("challenger", 1);
  assert.equal(naive.promotes(), true);
  for (let rating = 0; rating < 3; rating++) naive.rate("challenger", 0); // 77 %
  assert.equal(naive.promotes(), false);
});

test("of 60 identical challengers our rule promotes hardly any where the naive rule promotes most", () => {
  const counts = count({ population, traffic: fixedShare(), effect: 0 }, "identical", 0, 60);
  assert.ok(counts.promoted.byWeek <= 5, `${counts.promoted.byWeek} promoted`);
  assert.ok(counts.naive.byWeek >= 30, `${counts.naive.byWeek} by the naive rule`);
});

test("on a ramp a challenger that is much better is promoted within the week, and one that is much worse is stopped", () => {
  const better = count({ population, traffic: RAMP, effect: 0.1 }, "better", 0, 25);
  const worse = count({ population, traffic: RAMP, effect: -0.1 }, "worse", 0, 25);
  assert.ok(better.promoted.byWeek >= 22, `${better.promoted.byWeek} promoted`);
  assert.ok(worse.stopped.byWeek >= 22, `${worse.stopped.byWeek} stopped`);
  assert.equal(worse.promoted.byWeek, 0);
});

test("an assignment of 20 % where 10 % were planned fails the sample-ratio check; one of 10 % does not", () => {
  const world = { population, effect: 0, plannedShare: 0.1, lookOn: true };
  const broken = count({ ...world, traffic: fixedShare(0.2) }, "broken", 0, 5);
  const sound = count({ ...world, traffic: fixedShare(0.1) }, "sound", 0, 5);
  assert.equal(broken.failed["sample ratio"]?.byWeek, 5);
  assert.equal(broken.promoted.byWeek, 0);
  assert.equal(sound.failed["sample ratio"], undefined);
});

test("the report puts a flag where identical models are promoted too often, and where power is off", () => {
  const counted = new Map(
    CELLS.map(({ id }) => {
      const counts = count({ population, traffic: fixedShare(), effect: 0, hours: 1 }, "nothing", 0, 1);
      return [id, { ...counts, repetitions: 100, promoted: { by48: 6, byWeek: 6 } }];
    }),
  );
  const { cells, limits } = simulationReport(counted, true);
  assert.equal(cells.find(({ column }) => column === "A/A promoted")!.flag, "too many");
  assert.equal(cells.find(({ column }) => column === "+10 % promoted")!.flag, "off");
  assert.deepEqual(
    limits.map(({ holds }) => holds),
    [false, false],
  );
});
