import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { assign, type RoutingDocument } from "../../src/evidence/assignment.ts";
import { awaitApproval, conclude, promote, renewServing } from "../../src/store/experiment/lifecycle.ts";
import type { Experiment } from "../../src/store/experiment/row.ts";
import { ROUTING_TTL, readRouting } from "../../src/store/routing.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { ASKED, AT, hours, makeLoop, PROMOTE, startExperiment } from "./loop-fixture.ts";

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

const UNITS = Array.from({ length: 2_000 }, (_, index) => `user:${index}`);
const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const routingAt = (now: Date): Promise<RoutingDocument> => within((tx) => readRouting(tx, loop, now));
const start = (more = {}) => startExperiment(database.db, loop, "candidate", { share: 0.25, holdback: 0.2, ...more });
const raise = ({ id }: Experiment) =>
  within((tx) => promote(tx, loop, id, { verdict: PROMOTE, supported: true, at: hours(1) }, ASKED));
const shares = (routing: RoutingDocument, now: Date) => {
  const found: Record<string, number> = {};
  for (const unit of UNITS) {
    const { model, variant } = assign(routing, unit, now);
    const key = `${variant} ${model.name}`;
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
};
const near = (count: number | undefined, share: number) =>
  assert.ok(Math.abs((count ?? 0) / UNITS.length - share) < 0.04, `${count} of ${UNITS.length}, ${share} wanted`);

test("with nothing going on everybody has the champion, for thirty seconds at a time", async () => {
  const routing = await routingAt(AT);
  assert.deepEqual([routing.loop, routing.experiment, routing.probation], [loop, null, null]);
  assert.equal(routing.expires_at, new Date(AT.getTime() + ROUTING_TTL).toISOString());
  assert.deepEqual(shares(routing, AT), { "champion sandbox-base": UNITS.length });
});

test("an experiment shows its challenger, its salt, its share and how long it may be served", async () => {
  const experiment = await start();
  const routing = await routingAt(AT);
  assert.deepEqual(routing.experiment, {
    id: experiment.id,
    challenger: { id: experiment.challenger_id, name: "candidate" },
    salt: experiment.salt,
    share: 0.25,
    entered: [1],
    serve_until: experiment.serve_until.toISOString(),
  });
  assert.equal(routing.probation, null);
  near(shares(routing, AT)["challenger candidate"], 0.25);
});

test("past serve_until nobody meets the challenger and nothing counts, until a look renews it", async () => {
  const experiment = await start();
  const late = new Date(experiment.serve_until.getTime());
  const routing = await routingAt(late);
  assert.deepEqual(shares(routing, late), { "champion sandbox-base": UNITS.length });
  assert.ok(UNITS.every((unit) => assign(routing, unit, late).experiment === null));
  const justBefore = new Date(late.getTime() - 1);
  near(shares(await routingAt(justBefore), justBefore)["challenger candidate"], 0.25);
  await within((tx) => renewServing(tx, experiment, late));
  near(shares(await routingAt(late), late)["challenger candidate"], 0.25);
});

test("while approval is waited for, and while it is paused, everybody keeps whom they had", async () => {
  const experiment = await start();
  const before = await routingAt(AT);
  await within((tx) => awaitApproval(tx, loop, experiment.id, PROMOTE, ASKED, AT));
  await database.query("update experiment set paused_at = now() where id = $1", [experiment.id]);
  const after = await routingAt(AT);
  for (const unit of UNITS) assert.deepEqual(assign(after, unit, AT), assign(before, unit, AT));
});

test("probation holds back as many as it says, and they are the last who met the challenger", async () => {
  const experiment = await start();
  const before = await routingAt(AT);
  await raise(experiment);
  const after = await routingAt(AT);
  assert.equal(after.experiment, null);
  assert.deepEqual(after.probation, {
    id: experiment.id,
    salt: experiment.salt,
    standby: { id: experiment.champion_id, name: "sandbox-base" },
    holdback: 0.2,
  });
  near(shares(after, AT)["standby sandbox-base"], 0.2);
  for (const unit of UNITS)
    if (assign(before, unit, AT).variant === "challenger")
      assert.equal(assign(after, unit, AT).model.name, "candidate", "nobody who met it loses it");
});

test("a probation of nobody held back serves the champion to all, and still counts", async () => {
  await raise(await start({ holdback: 0 }));
  const routing = await routingAt(AT);
  assert.deepEqual(shares(routing, AT), { "champion candidate": UNITS.length });
  assert.equal(assign(routing, UNITS[0]!, AT).phase, "probation");
});

test("however it ends, the document is plain again", async () => {
  const stopped = await start();
  await within((tx) => conclude(tx, loop, stopped.id, { outcome: "stopped", at: AT }, ASKED));
  const routing = await routingAt(AT);
  assert.deepEqual([routing.champion.name, routing.experiment, routing.probation], ["sandbox-base", null, null]);
  const kept = await startExperiment(database.db, loop, "second");
  await raise(kept);
  await within((tx) => conclude(tx, loop, kept.id, { outcome: "promoted", at: AT }, ASKED));
  const after = await routingAt(AT);
  assert.deepEqual([after.champion.name, after.experiment, after.probation], ["second", null, null]);
});

test("every change of who serves is a new version, and nothing else is", async () => {
  const versions = [(await routingAt(AT)).version];
  const experiment = await start();
  versions.push((await routingAt(AT)).version);
  await within((tx) => renewServing(tx, experiment, AT));
  assert.equal((await routingAt(AT)).version, versions[1]);
  await raise(experiment);
  versions.push((await routingAt(AT)).version);
  await within((tx) => conclude(tx, loop, experiment.id, { outcome: "rolled_back", at: AT }, ASKED));
  versions.push((await routingAt(AT)).version);
  assert.deepEqual(
    versions,
    versions.toSorted((left, right) => left - right),
  );
  assert.equal(new Set(versions).size, 4);
});
