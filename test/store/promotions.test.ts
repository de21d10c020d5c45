import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Fault } from "../../src/domain/fault.ts";
import { newId } from "../../src/domain/id.ts";
import { beginExperiment, conclude, promote } from "../../src/store/experiment/lifecycle.ts";
import { type Experiment, loadExperiment } from "../../src/store/experiment/row.ts";
import { listModels, loadModel } from "../../src/store/models.ts";
import { listPromotions, marksOf, rollBack } from "../../src/store/promotions.ts";
import { slotHolder } from "../../src/store/slots.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { ASKED, AT, faultLike, hours, makeLoop, PARAMETERS, PROMOTE, startExperiment, warmUp } from "./loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const start = (name = "candidate") => startExperiment(database.db, loop, name);
const raise = ({ id }: Experiment) =>
  within((tx) => promote(tx, loop, id, { verdict: PROMOTE, supported: true, at: hours(48) }, ASKED));
const keep = ({ id }: Experiment) =>
  within((tx) => conclude(tx, loop, id, { outcome: "promoted", at: hours(50) }, ASKED));
const back = (hour = 60, actor = "ada", from: string | null = null) =>
  within((tx) => rollBack(tx, loop, { actor, reason: "worse" }, hours(hour), from));
const roles = async () =>
  Object.fromEntries((await within((tx) => listModels(tx, loop))).map((model) => [model.name, model.role]));
const held = async () => (await within((tx) => slotHolder(tx, loop)))?.holder ?? null;
const changes = async () => (await within((tx) => listPromotions(tx, loop))).map((change) => change.kind);

/** A candidate that was tried, promoted, and kept. */
async function kept(name: string): Promise<Experiment> {
  const experiment = await start(name);
  await raise(experiment);
  return keep(experiment);
}

test("rolling back in probation brings the standby back at once", async () => {
  const experiment = await raise(await start());
  const { champion, experimentId } = await back();
  assert.deepEqual([champion.name, experimentId], ["sandbox-base", experiment.id]);
  assert.equal((await within((tx) => loadExperiment(tx, loop, experiment.id))).outcome, "rolled_back");
  assert.equal(await held(), null);
});

test("rolling back later brings back whom the champion replaced, step by step, until there is nobody", async () => {
  await kept("v1");
  await kept("v2");
  assert.equal((await back(70)).champion.name, "v1");
  await assert.rejects(
    back(71, "bob"),
    faultLike("conflict", /rolled back already: v1 is back, by ada, since 2026-11-06 10:00:00 UTC/),
    "whoever asks again gets no second step",
  );
  await assert.rejects(back(71, "bob", "v2"), faultLike("conflict", /v2 is not the champion: v1 is, by ada, since/));
  assert.equal((await back(71, "ada", "v1")).champion.name, "sandbox-base");
  await assert.rejects(back(72), faultLike("conflict", /nothing to roll back to/));
  assert.deepEqual(await roles(), { "sandbox-base": "champion", v1: "rejected", v2: "rejected" });
  assert.deepEqual(await changes(), ["rollback", "rollback", "promotion", "promotion", "first"]);
});

test("after a rollback to the first model there is, the next one says who rolled back, and when", async () => {
  await kept("v1");
  await back(60);
  await assert.rejects(
    back(61, "bob"),
    faultLike(
      "conflict",
      /^rolled back already, at 2026-11-06 00:00:00 UTC by ada: sandbox-base is the champion again/,
    ),
  );
});

test("what came of a promotion is told of its experiment, whose own outcome stays", async () => {
  const experiment = await kept("v1");
  const marks = async () => (await within((tx) => marksOf(tx, loop, [experiment.id]))).get(experiment.id);
  assert.deepEqual(await marks(), { supported: true, rolledBack: null });
  await back(60);
  assert.deepEqual(await marks(), { supported: true, rolledBack: { at: hours(60), by: "ada", reason: "worse" } });
  assert.equal((await within((tx) => loadExperiment(tx, loop, experiment.id))).outcome, "promoted");
});

test("a loop that never promoted has nothing to roll back to, and its experiment goes on", async () => {
  const experiment = await start();
  await assert.rejects(back(), (error: Fault) => {
    assert.match(error.hint ?? "", /ratchet experiment stop/, "that is what may have been meant");
    return faultLike("conflict", /sandbox-base is the champion and replaced nobody/)(error);
  });
  assert.equal((await within((tx) => loadExperiment(tx, loop, experiment.id))).status, "running");
  await assert.rejects(
    database.db.withLoop("none", (tx) => rollBack(tx, "none", ASKED, AT)),
    /no champion/,
  );
});

test("rolling back while another candidate is tried stops that first", async () => {
  await kept("v1");
  const experiment = await start("v2");
  const { champion, experimentId } = await back();
  assert.deepEqual([champion.name, experimentId], ["sandbox-base", experiment.id]);
  const stopped = await within((tx) => loadExperiment(tx, loop, experiment.id));
  assert.deepEqual([stopped.outcome, stopped.closed_by], ["stopped", "ada"]);
  assert.match(stopped.outcome_reason ?? "", /rolled back: worse/);
  assert.deepEqual(await roles(), { "sandbox-base": "champion", v1: "rejected", v2: "rejected" });
});

test("models that replaced each other in turns can be rolled back until nothing is left to undo", async () => {
  await kept("v1");
  const again = await within(async (tx) => {
    const base = await loadModel(tx, loop, "sandbox-base");
    return beginExperiment(
      tx,
      loop,
      { id: newId(), cycleId: null, challengerId: base.id, parameters: PARAMETERS, at: hours(52) },
      ASKED,
    );
  });
  await raise(again);
  await keep(again);
  assert.equal((await back(61)).champion.name, "v1");
  assert.equal((await back(62, "ada", "v1")).champion.name, "sandbox-base");
  await assert.rejects(back(63), faultLike("conflict", /nothing to roll back to/));
});

test("two that roll back at the same moment undo one step between them", async () => {
  await kept("v1");
  await raise(await start());
  const results = await Promise.allSettled([back(60, "ada"), back(60, "bob")]);
  assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
  for (const result of results)
    if (result.status === "rejected") assert.ok(faultLike("conflict", /v1 is back, by (ada|bob)/)(result.reason));
  assert.deepEqual(await roles(), { "sandbox-base": "retired", v1: "champion", candidate: "rejected" });
});
