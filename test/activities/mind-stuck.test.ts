import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { mindStuck } from "../../src/activities/mind-stuck.ts";
import { openAlerts } from "../../src/store/alerts.ts";
import { createCycle, endCycle, enterStage } from "../../src/store/cycles.ts";
import { ASKED, AT, HOLD, hours, look, makeLoop, startExperiment } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop, { training: { deadline: "6 hours" } });
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
/** What is open after a pulse so many hours after the start. */
const stuckAt = (hour: number) =>
  within(async (tx) => {
    await mindStuck(tx, loop, hours(hour));
    return (await openAlerts(tx, loop)).map(({ kind, subject, words }) => `${kind} ${subject}: ${words}`);
  });

test("a cycle that stands in its stage for too long is said to be stuck, until it moves on or ends", async () => {
  const from = { pulse: null, watermark: 0, settingsVersion: 1, asOf: AT };
  const { id } = await within((tx) => createCycle(tx, loop, ASKED, from));
  assert.deepEqual(await stuckAt(3), []);
  const [alert, ...more] = await stuckAt(3.5);
  assert.match(alert!, new RegExp(`^stuck cycle/${id}: cycle 1 stands in the stage generate for 3.5 hours, and holds`));
  assert.deepEqual(more, []);
  await within((tx) => enterStage(tx, loop, id, "poll"));
  assert.deepEqual(await stuckAt(6), [], "training may take as long as its deadline");
  assert.equal((await stuckAt(6.5)).length, 1);
  await within((tx) => endCycle(tx, loop, id, "failed", ASKED, hours(7)));
  assert.deepEqual(await stuckAt(7), []);
});

test("an experiment that misses three looks is said to be stuck, until somebody looks", async () => {
  const experiment = await startExperiment(database.db, loop, "candidate"); // looked at every half hour
  assert.deepEqual(await stuckAt(1.5), []);
  const [alert] = await stuckAt(2);
  assert.match(alert!, new RegExp(`^stuck experiment/${experiment.id}: the experiment was not looked at for 2 hours`));
  await within((tx) => look(tx, experiment, 2, HOLD)); // at the second hour
  assert.deepEqual(await stuckAt(3), []);
});
