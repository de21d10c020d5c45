// What a pulse reads takes long where a loop has much; nobody is kept waiting meanwhile, and what changes meanwhile counts.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { CancelledFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { pulseActivities } from "../../src/activities/pulse.ts";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { holdLoop } from "../../src/store/hold-loop.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { runSubmitted } from "../../src/store/training-runs.ts";
import { AT, hours, interactionOf, makeLoop, ratingOf } from "../store/loop-fixture.ts";
import { orderRun } from "../store/ordered-run.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let impatient: Database; // who would wait for ever fails instead
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  impatient = openDatabase(`${database.url}?options=-c%20lock_timeout%3D1000`);
});
after(async () => {
  await impatient?.close();
  await database?.drop();
});
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  const quick = { readiness: { minFeedback: 10, optimalFeedback: 100 }, triggers: { newSamples: 10 } };
  await makeLoop(database.db, loop, quick);
  await within(async (tx) => {
    const ids = await recordInteractions(
      tx,
      loop,
      Array.from({ length: 20 }, () => interactionOf()),
    );
    const ratings = ids.map((id) => ratingOf(id, 1));
    await recordFeedback(tx, loop, ratings, AT);
  });
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);

/** The activities; `beside` is done in each transaction, when all of it is done but the commit. */
const activities = (beside: (transaction: number) => Promise<void> = async () => {}) => {
  let transactions = 0;
  const db: Database = {
    ...database.db,
    withLoop: (name, work) =>
      database.db.withLoop(name, async (tx) => {
        const result = await work(tx);
        await beside(++transactions);
        return result;
      }),
  };
  const workflows = { startExperiment: () => assert.fail("no experiment is to be started here") };
  return pulseActivities({ db, log: pino({ level: "silent" }), workflows });
};
const run = <T>(work: () => Promise<T>, environment = new MockActivityEnvironment()): Promise<T> =>
  environment.run(work);
const collected = () => run(() => activities().collect({ loop, asOf: hours(1).getTime() }));

test("what it goes by is read without the loop's lock; what it decides, under it", async () => {
  const { number } = await collected();
  const held: boolean[] = [];
  const hold = () =>
    impatient
      .withLoop(loop, (tx) => holdLoop(tx, loop))
      .then(
        () => held.push(false),
        () => held.push(true),
      );
  const { analyse } = activities(async () => void (await hold()));
  const decision = await run(() => analyse({ loop, number, asOf: hours(1).getTime() }));
  assert.deepEqual(held, [false, true]);
  assert.equal(decision.due, true, decision.reason);
});

test("what a run has seen that is submitted while the pulse reads is not new any more", async () => {
  const { number } = await collected();
  const order = await orderRun(database.db, loop);
  await database.query("update cycle set watermark = $1 where id = $2", [number, order.cycle_id]);
  const { analyse } = activities(async (transaction) => {
    if (transaction === 1) await within((tx) => runSubmitted(tx, loop, order.id, "job", hours(0)));
  });
  const { reason } = await run(() => analyse({ loop, number, asOf: hours(1).getTime() }));
  assert.match(reason, /^not due: 0 of 10 ratings/);
});

test("a pulse that is cancelled between two parts goes no further", async () => {
  const environment = new MockActivityEnvironment();
  const { collect } = activities(async () => environment.cancel());
  await assert.rejects(
    run(() => collect({ loop, asOf: hours(1).getTime() }), environment),
    CancelledFailure,
  );
  const [unseen] = await database.query(
    "select count(*)::int as rows from interaction where loop = $1 and pulse is null",
    [loop],
  );
  assert.equal(unseen!.rows, 20);
});
