import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Transaction } from "../../../src/db/database.ts";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { readCrossed, readTallies } from "../../../src/store/experiment/tallies.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { AT, interactionOf, makeLoop, ratingOf, startExperiment } from "../loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let experimentId: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`;
  await makeLoop(database.db, loop);
  experimentId = (await startExperiment(database.db, loop, "candidate")).id;
  await frozen({ slowAbove: 5000, metrics: [{ name: "tone" }] });
});

const frozen = (parameters: Record<string, unknown>) =>
  database.query("update experiment set parameters = parameters || $1 where id = $2", [parameters, experimentId]);
const within = <T>(work: (tx: Transaction) => Promise<T>) => database.db.withLoop(loop, work);
const said = (more: Partial<Interaction> = {}) =>
  interactionOf({ unit: "ann", latencyUs: null, counted: { experimentId, phase: "experiment", stratum: 0 }, ...more });
const record = (...interactions: Interaction[]) => within((tx) => recordInteractions(tx, loop, interactions));
const rate = (...ratings: Parameters<typeof ratingOf>[]) =>
  within((tx) =>
    recordFeedback(
      tx,
      loop,
      ratings.map((given) => ratingOf(...given)),
      AT,
    ),
  );

/** users, Σy and Σk of each metric on a side. */
async function sums(variant = "champion"): Promise<Record<string, [users: number, y: number, k: number]>> {
  const tallies = await within((tx) => readTallies(tx, experimentId, "experiment"));
  return Object.fromEntries(
    tallies
      .filter((tally) => tally.variant === variant)
      .map(({ metric, users, sumY, sumK }) => [metric, [users, sumY, sumK]]),
  );
}

test("each interaction counts in what it says something of", async () => {
  await record(
    said({ latencyUs: 5000, costMicros: 300, quality: 0.25 }),
    said({ latencyUs: 5001, quality: 0.5 }),
    said({ unit: "bob", error: "champion failed", latencyUs: 9e6, costMicros: 50 }),
  );
  assert.deepEqual(await sums(), {
    rated: [2, 0, 3],
    error: [2, 1, 3],
    slow: [1, 1, 2],
    cost: [2, 350, 2],
    quality: [1, 0.75, 2],
  });
});

test("while no latency is frozen nothing is slow, and while no metric is named no other feedback counts", async () => {
  await frozen({ slowAbove: null, metrics: [] });
  await record(said({ clientId: "a", latencyUs: 9e6 }));
  await rate(["a", 5, { name: "tone" }]);
  assert.deepEqual(Object.keys(await sums()).sort(), ["error", "rated"]);
});

test("a repeated interaction, and a rating that is delivered again, count once", async () => {
  for (let time = 0; time < 3; time++) {
    await record(said({ clientId: "a" }), said({ clientId: "a" }));
    await rate(["a", 1], ["a", 1]);
  }
  assert.deepEqual(await sums(), {
    rated: [1, 1, 1],
    error: [1, 0, 1],
    approval: [1, 1, 1],
    "approval/alarm": [1, 1, 1],
  });
});

test("thumbs go with their action, named feedback with its number, and the first ten of each count; the rate counts all", async () => {
  const ids = await record(
    ...Array.from({ length: 14 }, (_, index) => said({ actionType: index < 12 ? "alarm" : null })),
  );
  await rate(...ids.map((id, index): [string, number, object] => [id, index < 11 ? -1 : 1, { actionType: "said" }]));
  await rate(...ids.map((id, index): [string, number, object] => [id, index * 0.5, { name: "tone" }]));
  assert.deepEqual(await sums(), {
    rated: [1, 14, 14],
    error: [1, 0, 14],
    approval: [1, 0, 10],
    "approval/alarm": [1, 0, 10],
    "approval/said": [1, 2, 2],
    "feedback:tone": [1, 22.5, 10],
  });
  await rate(...ids.slice(0, 5).map((id): [string, null] => [id, null]));
  const { approval, rated } = await sums();
  assert.deepEqual({ approval, rated }, { approval: [1, 3, 9], rated: [1, 9, 14] });
});

test("a rating that comes first counts with its interaction, in one transaction", async () => {
  await rate(["early", 1], ["early", 3, { name: "tone" }], ["early", -1, { rater: "another" }]);
  assert.deepEqual(await sums(), {});
  await record(said({ clientId: "early", costMicros: 5 }));
  assert.deepEqual(await sums(), {
    rated: [1, 2, 1],
    error: [1, 0, 1],
    cost: [1, 5, 1],
    approval: [1, 1, 2],
    "approval/alarm": [1, 1, 2],
    "feedback:tone": [1, 3, 1],
  });
});

test("a number so large that nothing else would matter counts for nothing, and one that is just large is exact", async () => {
  const ids = await record(said({ costMicros: 1e12 }), said({ costMicros: 1e12 }), said({ costMicros: 3 }));
  await rate([ids[0]!, 1e300, { name: "tone" }], [ids[1]!, -1e9, { name: "tone" }], [ids[2]!, 0.1, { name: "tone" }]);
  const { cost, "feedback:tone": tone } = await sums();
  assert.deepEqual({ cost, tone }, { cost: [1, 2_000_000_000_003, 3], tone: [1, -999_999_999.9, 2] });
});

for (const [name, early] of [
  ["is taken off its side", false],
  ["is on no side though its rating came first", true],
] as const)
  test(`whoever meets the other variant ${name}, with all it gave, and is counted`, async () => {
    await record(said({ unit: "bob" }), said({ clientId: "a", costMicros: 4 }));
    await rate(["a", 1], ["a", 2, { name: "tone" }]);
    if (early) await rate(["b", 1]);
    const away = { variant: "challenger", quality: 0.5 } as const;
    await record(said({ clientId: "b", ...away }), said({ unit: "cleo", ...away }));
    await rate(["b", -1], ["a", 1, { rater: "another" }]);
    await record(said({ clientId: "c" }), said({ clientId: "d", ...away }));
    assert.deepEqual(await sums(), { rated: [1, 0, 1], error: [1, 0, 1] }, "of bob alone");
    const { quality, rated } = await sums("challenger");
    assert.deepEqual({ quality, rated }, { quality: [1, 0.5, 1], rated: [1, 0, 1] });
    const crossed = await within((tx) => readCrossed(tx, experimentId, "experiment"));
    assert.deepEqual(crossed, { crossed: 1, units: 3 });
  });

test("both variants in one batch, and two strata, are crossed as well", async () => {
  await record(said(), said({ variant: "challenger" }), said({ unit: "bob" }));
  await record(said({ unit: "bob", counted: { experimentId, phase: "experiment", stratum: 1 } }));
  assert.deepEqual(await within((tx) => readCrossed(tx, experimentId, "experiment")), { crossed: 2, units: 2 });
  assert.deepEqual(await within((tx) => readCrossed(tx, experimentId, "probation")), { crossed: 0, units: 0 });
});

test("an answer in an experiment costs one statement more than one in none", async () => {
  const statements = (interaction: Interaction) =>
    within(async (tx) => {
      let count = 0;
      const counting = new Proxy(tx, {
        get(target, name, receiver) {
          count++;
          return Reflect.get(target, name, receiver);
        },
      });
      await recordInteractions(counting, loop, [interaction]);
      return count;
    });
  const none = await statements(said({ counted: null }));
  assert.equal(await statements(said({ costMicros: 5, quality: 1 })), none + 1);
  assert.equal(await statements(said({ costMicros: 5, quality: 1 })), none + 1, "of a unit that is known, too");
});
