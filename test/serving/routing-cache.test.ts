import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Database } from "../../src/db/database.ts";
import { createRoutingCache, type RoutingCache } from "../../src/serving/routing-cache.ts";
import { setPaused } from "../../src/store/loops.ts";
import { ASKED, AT, apply, faultLike, makeLoop, startExperiment } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let cache: RoutingCache;
let loop: string;
let now = AT.getTime();
let made = 0;
let readings = 0;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
  readings = 0;
  const counted: Database = {
    ...database.db,
    withLoop: (name, work) => {
      readings++;
      return database.db.withLoop(name, work);
    },
  };
  cache = createRoutingCache(counted, () => now);
});

test("requests of the same quarter of a second share one reading", async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => cache(loop)));
  now += 249;
  await cache(loop);
  assert.equal(readings, 1);
  assert.equal(new Set(all).size, 1);
});

test("after 250 milliseconds it is read again: a change is served well within a second", async () => {
  assert.equal((await cache(loop)).routing.experiment, null);
  const { id } = await startExperiment(database.db, loop, "candidate");
  now += 249;
  assert.equal((await cache(loop)).routing.experiment, null);
  now += 1;
  assert.equal((await cache(loop)).routing.experiment?.id, id);
  assert.equal(readings, 2);
});

test("a clock that is set back does not keep an old document", async () => {
  await cache(loop);
  now -= 3_600_000;
  await cache(loop);
  assert.equal(readings, 2);
});

test("the document expires by the clock that is handed in", async () => {
  const { routing } = await cache(loop);
  assert.equal(routing.expires_at, new Date(now + 30_000).toISOString());
});

test("settings come with it", async () => {
  const { settings } = await cache(loop);
  assert.equal(settings.actionFrom, null);
  await apply(database.db, { ...settings, actionFrom: "/action" });
  now += 250;
  assert.equal((await cache(loop)).settings.actionFrom, "/action");
});

test("each loop has its own, and a paused one is served like any other", async () => {
  const other = `${loop}-other`;
  await makeLoop(database.db, other);
  await database.db.withLoop(other, (tx) => setPaused(tx, other, true, ASKED, AT));
  assert.deepEqual([(await cache(loop)).routing.loop, (await cache(other)).routing.loop], [loop, other]);
});

test("a failed reading is not kept: the next request reads afresh", async () => {
  const late = `${loop}-late`;
  await assert.rejects(cache(late), faultLike("not_found", /no loop/));
  await makeLoop(database.db, late);
  assert.equal((await cache(late)).routing.loop, late);
});
