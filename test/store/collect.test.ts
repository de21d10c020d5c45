// Collecting in parts, against a real PostgreSQL: whoever dies, overtakes or comes late between two of them, each row bears the
// number of one pulse, and a watermark goes on saying what it said.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { type Collected, collect } from "../../src/store/collect.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { holdLoop } from "../../src/store/hold-loop.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { hours, interactionOf, makeLoop, ratingOf, warmUp } from "./loop-fixture.ts";

const PART = 10;
let database: TestDatabase;
let impatient: Database; // who would wait for ever fails instead
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  impatient = openDatabase(`${database.url}?options=-c%20lock_timeout%3D3000`);
  await warmUp(database.db);
});
after(async () => {
  await impatient.close();
  await database.drop();
});
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const say = (count: number) =>
  database.db.withLoop(loop, (tx) =>
    recordInteractions(
      tx,
      loop,
      Array.from({ length: count }, () => interactionOf()),
    ),
  );
const rate = (ids: readonly string[]) =>
  database.db.withLoop(loop, (tx) =>
    recordFeedback(
      tx,
      loop,
      ids.map((id) => ratingOf(id, 1)),
      hours(0),
    ),
  );
const pulse = (hour: number, between?: (soFar: Collected) => void, db: Database = database.db) =>
  collect(db, loop, hours(hour), { part: PART, ...(between === undefined ? {} : { between }) });

/** Dies before the part of this number, counted from one. */
function dyingBefore(part: number) {
  let parts = 0;
  return () => {
    if (++parts === part) throw new Error("killed");
  };
}

/** The ids that bear a number; null: none. */
async function stamped(table: "interaction" | "feedback", number: number | null): Promise<string[]> {
  const rows = await database.query(
    `select id from ${table} where loop = $1 and pulse is not distinct from $2::bigint order by id`,
    [loop, number],
  );
  return rows.map((row) => row.id as string);
}

/** Each row has a number, and each pulse counted as many as bear its own. */
async function assertEachSeenOnce(): Promise<void> {
  for (const table of ["interaction", "feedback"] as const) assert.deepEqual(await stamped(table, null), [], table);
  const pulses = await database.query("select * from pulse where loop = $1", [loop]);
  for (const { number, interactions, feedback, collected } of pulses) {
    assert.equal(collected, true);
    assert.equal((await stamped("interaction", Number(number))).length, Number(interactions));
    assert.equal((await stamped("feedback", Number(number))).length, Number(feedback));
  }
}

test("more than one part of interactions, and of feedback, is one pulse; how far it is, is told between parts", async () => {
  const ids = await say(35);
  await rate(ids.slice(0, 12));
  const told: Collected[] = [];
  assert.deepEqual(await pulse(1, (soFar) => told.push(soFar)), { number: 1, interactions: 35, feedback: 12 });
  assert.deepEqual(
    told.map(({ interactions, feedback }) => [interactions, feedback]),
    [
      [0, 0],
      [10, 10],
      [20, 12],
      [30, 12],
    ],
  );
  assert.deepEqual(await stamped("interaction", 1), ids);
  await assertEachSeenOnce();
  assert.deepEqual(await pulse(2), { number: 2, interactions: 0, feedback: 0 });
});

test("exactly a part, and none at all, end as well", async () => {
  assert.deepEqual(await pulse(0), { number: 1, interactions: 0, feedback: 0 });
  await rate(await say(PART));
  assert.deepEqual(await pulse(1), { number: 2, interactions: PART, feedback: PART });
  await assertEachSeenOnce();
});

for (const part of [1, 2, 4])
  test(`killed before part ${part}, the same pulse goes on: nothing is left unseen, nothing is seen twice`, async () => {
    const ids = await say(35);
    await rate(ids);
    await assert.rejects(pulse(1, dyingBefore(part)), /killed/);
    const left = await stamped("interaction", 1);
    assert.deepEqual(left, ids.slice(0, (part - 1) * PART), "what was done is kept");
    assert.deepEqual(await pulse(1), { number: 1, interactions: 35, feedback: 35 });
    assert.deepEqual(await stamped("interaction", 1), ids);
    await assertEachSeenOnce();
  });

test("a pulse that is left in the middle is ended by the next one, before it begins its own", async () => {
  const early = await say(25);
  await assert.rejects(pulse(1, dyingBefore(2)), /killed/);
  const numbers: number[] = [];
  assert.deepEqual(await pulse(2, ({ number }) => numbers.push(number)), { number: 2, interactions: 0, feedback: 0 });
  assert.deepEqual([...new Set(numbers)], [1, 2]);
  assert.deepEqual(await stamped("interaction", 1), early);
  await assertEachSeenOnce();
});

test("what arrives between parts belongs to exactly one pulse: this one, or the next", async () => {
  await say(15);
  await assert.rejects(pulse(1, dyingBefore(2)), /killed/);
  await say(3);
  assert.deepEqual(await pulse(1), { number: 1, interactions: 18, feedback: 0 });
  await say(4);
  assert.deepEqual(await pulse(1), { number: 1, interactions: 18, feedback: 0 });
  assert.deepEqual(await pulse(2), { number: 2, interactions: 4, feedback: 0 });
  await assertEachSeenOnce();
});

test("what commits behind a part that is done, with an older id, is the next pulse's", async () => {
  const { promise: held, resolve: commit } = Promise.withResolvers<void>();
  const { promise: written, resolve: wrote } = Promise.withResolvers<string>();
  const late = database.db.withLoop(loop, async (tx) => {
    const [id] = await recordInteractions(tx, loop, [interactionOf()]);
    wrote(id!);
    await held;
  });
  const id = await written;
  await say(15);
  let parts = 0;
  const slow = between(async () => {
    if (++parts !== 2) return; // the number is given out, and the first part done
    commit();
    await late;
  });
  assert.deepEqual(await pulse(1, undefined, slow), { number: 1, interactions: 15, feedback: 0 });
  assert.deepEqual(await stamped("interaction", null), [id]);
  await pulse(2);
  assert.deepEqual(await stamped("interaction", 2), [id]);
  await assertEachSeenOnce();
});

test("a watermark stays what it was when one who was halted between parts goes on after all", async () => {
  await say(25);
  const { promise: halted, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: isHalted, resolve: halt } = Promise.withResolvers<void>();
  let parts = 0;
  const zombie = pulse(
    1,
    undefined,
    between(async () => {
      if (++parts !== 2) return;
      halt();
      await halted;
    }),
  );
  await isHalted;
  const first = await pulse(1); // by whoever was given its work
  const before = await stamped("interaction", 1);
  await say(5);
  letGo();
  assert.deepEqual(await zombie, first);
  assert.deepEqual(await stamped("interaction", 1), before);
  assert.deepEqual(await pulse(2), { number: 2, interactions: 5, feedback: 0 });
  await assertEachSeenOnce();
});

test("many at once, of the same instant and of others, some of them killed: each row is seen by one pulse", async () => {
  await rate(await say(95));
  const all = Array.from({ length: 12 }, (_, index) =>
    pulse(index % 4, index % 3 === 0 ? dyingBefore(3) : undefined).catch((error: Error) => error.message),
  );
  const ended = (await Promise.all(all)).filter((one) => one !== "killed");
  for (const one of ended) assert.equal(typeof one, "object", String(one));
  await pulse(9);
  await assertEachSeenOnce();
});

test("rows are stamped without the loop's lock: who decides about the loop does not wait for it", async () => {
  await say(25);
  let transactions = 0;
  const beside: Database = {
    ...database.db,
    withLoop: (name, work) =>
      database.db.withLoop(name, async (tx) => {
        const result = await work(tx);
        if (++transactions > 1) await impatient.withLoop(loop, (other) => holdLoop(other, loop));
        return result;
      }),
  };
  assert.deepEqual(await pulse(1, undefined, beside), { number: 1, interactions: 25, feedback: 0 });
  assert.equal(transactions, 4, "the number, and three parts");
});

/** The database; `then` is done after each transaction, before anybody hears of it. */
function between(then: () => Promise<void>): Database {
  return {
    ...database.db,
    async withLoop(name, work) {
      const result = await database.db.withLoop(name, work);
      await then();
      return result;
    },
  };
}
