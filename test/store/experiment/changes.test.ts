import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { checkChanges } from "../../../src/evidence/checks/changes.ts";
import { readChanges } from "../../../src/store/experiment/changes.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { hours, interactionOf, makeLoop, startExperiment } from "../loop-fixture.ts";

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
});

/** Interactions of the experiment, one after the other from an hour on; each of another unit. */
async function talk(hour: number, count: number, of: (index: number) => Partial<Interaction>): Promise<void> {
  const interactions = Array.from({ length: count }, (_, index) =>
    interactionOf({
      at: hours(hour + index / 10_000),
      unit: `unit-${hour}-${index}`,
      counted: { experimentId, phase: "experiment", stratum: 0 },
      ...of(index),
    }),
  );
  await database.db.withLoop(loop, (tx) => recordInteractions(tx, loop, interactions));
}

const read = () => database.db.withLoop(loop, (tx) => readChanges(tx, experimentId));

test("an experiment that nobody has met yet has seen nothing", async () => {
  assert.deepEqual(await read(), []);
});

test("a system prompt that changes in the middle shows in the latest part, and a model on the side that it answers for", async () => {
  await talk(1, 60, (index) => ({
    systemPromptHash: "old",
    variant: index % 3 === 0 ? "challenger" : "champion",
    providerModel: "m-1",
  }));
  await talk(2, 60, (index) => {
    const variant = index % 3 === 0 ? "challenger" : "champion";
    return { systemPromptHash: null, variant, providerModel: variant === "challenger" ? "m-2" : "m-1" };
  });
  const prompts = (each: number) => [
    { value: "", first: 0, latest: each },
    { value: "old", first: each, latest: 0 },
  ];
  assert.deepEqual(await read(), [
    {
      what: "model",
      variant: "challenger",
      seen: [
        { value: "m-1", first: 20, latest: 0 },
        { value: "m-2", first: 0, latest: 20 },
      ],
    },
    { what: "model", variant: "champion", seen: [{ value: "m-1", first: 40, latest: 40 }] },
    { what: "system prompt", variant: "challenger", seen: prompts(20) },
    { what: "system prompt", variant: "champion", seen: prompts(40) },
  ]);
});

test("a change soon after the start is still seen when most of what was said came after it", async () => {
  await talk(1, 400, () => ({ systemPromptHash: "old" }));
  await talk(2, 1_600, () => ({ systemPromptHash: "new" }));
  const prompts = (await read()).find(({ what }) => what === "system prompt")!;
  assert.deepEqual(prompts.seen, [
    { value: "new", first: 600, latest: 1000 },
    { value: "old", first: 400, latest: 0 },
  ]);
  assert.equal(checkChanges([prompts]).passed, false);
});

test("what answered for a model that failed is no change of that model, and what counts nowhere is not looked at", async () => {
  await talk(1, 20, () => ({ variant: "challenger", providerModel: "m-1" }));
  await talk(2, 20, (index) =>
    index < 5
      ? { variant: "challenger", error: "challenger failed", providerModel: "other" }
      : { counted: null, providerModel: "uncounted" },
  );
  const models = (await read()).filter(({ what }) => what === "model");
  assert.deepEqual(models, [{ what: "model", variant: "challenger", seen: [{ value: "m-1", first: 12, latest: 7 }] }]);
});

test("prompts that differ in every request are forty, and all the others together", async () => {
  await talk(1, 200, (index) => ({ systemPromptHash: index % 4 === 0 ? "steady" : `prompt-${index}` }));
  const prompts = (await read()).find(({ what }) => what === "system prompt")!.seen;
  assert.equal(prompts.length, 41);
  assert.deepEqual(prompts[0], { value: "steady", first: 25, latest: 25 });
  assert.equal(prompts.at(-1)!.value, "other");
  assert.equal(
    prompts.reduce((sum, { first, latest }) => sum + first + latest, 0),
    200,
  );
});
