import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { championFigures } from "../../../src/store/experiment/champion-figures.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { championOf } from "../../../src/store/models.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { AT, hours, interactionOf, makeLoop, ratingOf } from "../loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let modelId: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`;
  await makeLoop(database.db, loop);
  modelId = (await database.db.withLoop(loop, (tx) => championOf(tx, loop))).id;
});

const said = (count: number, of: (index: number) => Partial<Interaction>) =>
  database.db.withLoop(loop, (tx) =>
    recordInteractions(
      tx,
      loop,
      Array.from({ length: count }, (_, index) => interactionOf({ modelId, ...of(index) })),
    ),
  );
const figures = (asOf = AT) => database.db.withLoop(loop, (tx) => championFigures(tx, loop, modelId, asOf));
const NOTHING = { p95LatencyUs: null, meanCostMicros: null, approval: null, quality: null };

test("a champion that has answered nobody has no figures", async () => {
  assert.deepEqual(await figures(), { ...NOTHING, interactions: 0 });
});

test("a hundred answers give figures, and ninety-nine give none", async () => {
  const ids = await said(99, (index) => ({ latencyUs: (index + 1) * 1000, costMicros: index * 2, quality: 0.5 }));
  const thumbs = (some: string[]) => some.map((id, index) => ratingOf(id, index % 4 === 0 ? -1 : 1));
  await database.db.withLoop(loop, (tx) => recordFeedback(tx, loop, thumbs(ids), AT));
  assert.deepEqual(await figures(), { ...NOTHING, interactions: 99 });
  const [last] = await said(1, () => ({ latencyUs: 100_000, costMicros: 198, quality: 1 }));
  await database.db.withLoop(loop, (tx) => recordFeedback(tx, loop, [ratingOf(last!, 1)], AT));
  assert.deepEqual(await figures(), {
    p95LatencyUs: 95_000,
    meanCostMicros: 99,
    approval: 0.75,
    quality: 0.505,
    interactions: 100,
  });
});

test("others' answers, failures, and what is later or two weeks old count for nothing", async () => {
  await said(120, () => ({ modelId: null, latencyUs: 9e6 }));
  await said(120, () => ({ error: "champion failed", latencyUs: 9e6 }));
  await said(120, () => ({ at: hours(1), latencyUs: 9e6 }));
  await said(120, () => ({ at: hours(-14 * 24), latencyUs: 9e6 }));
  await said(100, () => ({ at: hours(-1), latencyUs: 2000 }));
  assert.deepEqual(await figures(), { ...NOTHING, p95LatencyUs: 2000, interactions: 100 });
});
