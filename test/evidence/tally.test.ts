import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addUnit,
  EMPTY_TALLY,
  replaceUnit,
  sumOfTallies,
  tallyFault,
  tallyOf,
  unitTotals,
} from "../../src/evidence/tally.ts";
import { seededRandom, shuffled } from "../../src/sandbox/seeded-random.ts";

const random = seededRandom(11);
const units = Array.from({ length: 200 }, () => {
  const k = Math.floor(random() * 6);
  return { y: Math.floor(random() * (k + 1)), k };
});

test("a tally holds the six sums of the units that have ratings", () => {
  const tally = tallyOf([
    { y: 1, k: 2 },
    { y: 3, k: 3 },
    { y: 0, k: 0 },
  ]);
  assert.deepEqual(tally, { users: 2, sumY: 4, sumK: 5, sumYY: 10, sumYK: 11, sumKK: 13 });
});

test("the order of the units changes nothing", () => {
  assert.deepEqual(tallyOf(shuffled(units, random)), tallyOf(units));
});

test("adding one by one, and in parts, gives the whole", () => {
  assert.deepEqual(units.reduce(addUnit, EMPTY_TALLY), tallyOf(units));
  assert.deepEqual(sumOfTallies([tallyOf(units.slice(0, 70)), tallyOf(units.slice(70))]), tallyOf(units));
});

test("replacing a unit's totals equals counting afresh, from nothing and back to nothing", () => {
  let tally = tallyOf(units);
  const changed = [...units];
  for (let step = 0; step < 500; step++) {
    const index = Math.floor(random() * units.length);
    const k = Math.floor(random() * 4);
    const after = { y: Math.floor(random() * (k + 1)), k };
    tally = replaceUnit(tally, changed[index]!, after);
    changed[index] = after;
  }
  assert.deepEqual(tally, tallyOf(changed));
  assert.deepEqual(
    changed.reduce((left, unit) => replaceUnit(left, unit, { y: 0, k: 0 }), tally),
    EMPTY_TALLY,
  );
});

test("only the first ten ratings of a unit count, by interaction and name, whatever order they come in", () => {
  const ratings = Array.from({ length: 15 }, (_, number) => ({
    interactionId: `0193-${String(number >> 1).padStart(2, "0")}`,
    name: number % 2 === 0 ? "thumb" : "helpful",
    value: number < 10 ? 0 : 1,
  }));
  assert.deepEqual(unitTotals(ratings), { y: 0, k: 10 });
  assert.deepEqual(unitTotals(shuffled(ratings, random)), { y: 0, k: 10 });
  assert.deepEqual(unitTotals(ratings.slice(9, 12)), { y: 2, k: 3 });
});

test("a tally that no ratings can give is faulty, and its fault names the number", () => {
  const sound = tallyOf(units);
  assert.equal(tallyFault(sound), null);
  assert.equal(tallyFault(EMPTY_TALLY), null);
  for (const name of Object.keys(sound)) {
    for (const value of [Number.NaN, Infinity, -1])
      assert.match(tallyFault({ ...sound, [name]: value })!, new RegExp(name));
  }
  assert.match(tallyFault({ ...sound, users: 0 })!, /0 users cannot have/);
  assert.match(tallyFault({ ...sound, users: sound.sumK + 1 })!, /cannot have/);
  assert.match(tallyFault({ ...sound, sumY: sound.sumK + 1 })!, /not between 0 and 1/);
  assert.match(tallyFault({ ...sound, sumKK: sound.sumYK })!, /sums of squares/);
});

test("numbers may be anything that is finite, below 0 too, and still no sums that no values can give", () => {
  const costs = tallyOf([
    { y: 9_000_000, k: 3 },
    { y: -250.5, k: 2 },
  ]);
  assert.equal(tallyFault(costs, "number"), null);
  assert.match(tallyFault(costs, "binary")!, /not between 0 and 1/);
  assert.match(tallyFault(tallyOf([{ y: -1, k: 2 }]), "fraction")!, /sumY is -1/);
  for (const name of Object.keys(costs))
    for (const value of [Number.NaN, Infinity, -Infinity, 1e200])
      assert.match(tallyFault({ ...costs, [name]: value }, "number")!, new RegExp(name));
  assert.match(tallyFault({ ...costs, sumYY: 1 }, "number")!, /sums of squares/);
  assert.match(tallyFault({ ...costs, sumK: -1 }, "number")!, /sumK is -1/);
});
