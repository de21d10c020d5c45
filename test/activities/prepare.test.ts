// Preparing what may be learned from: once, whoever dies or comes late, on any number of threads.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { CancelledFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { prepareActivities } from "../../src/activities/prepare.ts";
import { prepareRows } from "../../src/activities/preparing/prepare-rows.ts";
import { createPreparer, type Preparer } from "../../src/activities/preparing/preparer.ts";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { collect } from "../../src/store/collect.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { applySettings } from "../../src/store/loops.ts";
import { ASKED, AT, hours, interactionOf, makeLoop, ratingOf, warmUp } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database?.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);

/** In this thread: what becomes of a row does not depend on where it is prepared, which a test of its own shows. */
const here: Preparer = {
  prepare: async (recipe, rows) => prepareRows({ recipe, rows }),
  close: async () => {},
};

/** So many people say something with a telephone number in it, and like the answer. */
async function talk(count: number, from = 0): Promise<string[]> {
  return within(async (tx) => {
    const said = Array.from({ length: count }, (_, index) =>
      interactionOf({
        messages: [{ role: "user", content: `call +1 212 555 01${String(from + index).padStart(2, "0")} at ${index}` }],
      }),
    );
    const ids = await recordInteractions(tx, loop, said);
    await recordFeedback(
      tx,
      loop,
      ids.map((id) => ratingOf(id, 1)),
      AT,
    );
    return ids;
  });
}

const prepare = (
  upTo: number,
  preparer = here,
  { stretch = 7, mostMs = 60_000, environment = new MockActivityEnvironment() } = {},
) =>
  environment.run(() =>
    prepareActivities({ db: database.db, preparer }, { stretch }).prepare({
      loop,
      of: { upTo },
      asOf: AT.getTime(),
      mostMs,
    }),
  );

/** Everything that is prepared, but for what differs from one loop to the next: ids, people and their numbers. */
const kept = () =>
  database.query(
    `select dense_rank() over (order by recipe) as recipe, refused, line, tokens, encode(fingerprint, 'hex') as fingerprint,
            encode(bands, 'hex') as bands, redactions, source = id as own
     from prepared where loop = $1 order by recipe, id, source`,
    [loop],
  );

test("what is rated is prepared once, and what comes later without the rest again", async () => {
  await talk(20);
  await collect(database.db, loop, AT);
  assert.deepEqual(await prepare(1), { prepared: 20, isDone: true });
  const before = await kept();
  assert.deepEqual(await prepare(1), { prepared: 0, isDone: true });
  const [id] = await talk(3, 20);
  await within((tx) => recordFeedback(tx, loop, [ratingOf(id!, 1, { rater: "another", correction: "Seven." })], AT));
  await within((tx) => recordInteractions(tx, loop, [interactionOf()])); // nobody rated it
  await collect(database.db, loop, hours(1));
  assert.deepEqual(await prepare(2), { prepared: 4, isDone: true });
  const rows = await kept();
  assert.deepEqual(rows.slice(0, 20), before);
  const later = rows.slice(20).map(({ own, line }) => [own, (line as string).includes("Seven.")]);
  assert.equal(later.filter(([own]) => own).length, 3);
  assert.deepEqual(
    later.filter(([own]) => !own),
    [[false, true]],
  );
  assert.ok(
    rows.every(({ line }) => !(line as string).includes("555")),
    "no number is kept a second time",
  );
});

test("a rating on what an earlier pulse saw, unrated then, brings it in", async () => {
  const [id] = await within((tx) => recordInteractions(tx, loop, [interactionOf()]));
  await collect(database.db, loop, AT);
  assert.deepEqual(await prepare(1), { prepared: 0, isDone: true });
  await within((tx) => recordFeedback(tx, loop, [ratingOf(id!, 1)], AT));
  await collect(database.db, loop, hours(1));
  assert.deepEqual(await prepare(2), { prepared: 1, isDone: true });
});

test("another recipe prepares everything anew, and leaves what the old one made", async () => {
  await talk(10);
  await collect(database.db, loop, AT);
  await prepare(1);
  const settings = parseLoopSettings({ name: loop, snapshot: { redact: ["EMAIL"] } });
  await within((tx) => applySettings(tx, settings, ASKED, AT));
  assert.deepEqual(await prepare(1), { prepared: 10, isDone: true });
  const rows = await kept();
  assert.equal(rows.length, 20);
  const withNumbers = rows.filter(({ line }) => (line as string).includes("555"));
  assert.equal(new Set(withNumbers.map(({ recipe }) => recipe)).size, 1);
  assert.equal(withNumbers.length, 10);
});

test("out of time it says so, and the next goes on where it ended", async () => {
  await talk(20);
  await collect(database.db, loop, AT);
  assert.deepEqual(await prepare(1, here, { mostMs: -1 }), { prepared: 0, isDone: false });
  assert.deepEqual(await prepare(1), { prepared: 20, isDone: true });
});

test("cut off in the middle, or done by two at once, it comes to the same bytes", async () => {
  await talk(40);
  await collect(database.db, loop, AT);
  await prepare(1);
  const whole = await kept();

  const afterSome = (stretches: number, then: () => void): Preparer => {
    let left = stretches;
    return {
      ...here,
      async prepare(recipe, rows, signal) {
        if (left-- === 0) then();
        signal?.throwIfAborted();
        return here.prepare(recipe, rows);
      },
    };
  };
  const again = async (work: () => Promise<unknown>) => {
    await database.query("delete from prepared where loop = $1", [loop]);
    await database.query("update preparation set pulse = 0 where loop = $1", [loop]);
    await work();
    assert.deepEqual(await kept(), whole);
  };
  await again(async () => {
    const environment = new MockActivityEnvironment();
    const cut = prepare(
      1,
      afterSome(3, () => environment.cancel()),
      { environment },
    );
    await assert.rejects(cut, CancelledFailure);
    const some = (await kept()).length;
    assert.ok(some > 0 && some < 40, `${some} were kept before`);
    await prepare(1);
  });
  await again(() => Promise.all([prepare(1), prepare(1, here, { stretch: 11 })]));
});

test("one, two and four threads give the same bytes as none", async () => {
  await talk(60);
  await collect(database.db, loop, AT);
  await prepare(1, here);
  const whole = await kept();
  for (const threads of [1, 2, 4]) {
    await database.query("delete from prepared where loop = $1", [loop]);
    await database.query("update preparation set pulse = 0 where loop = $1", [loop]);
    const preparer = createPreparer(threads);
    try {
      await prepare(1, preparer, { stretch: 25 });
    } finally {
      await preparer.close();
    }
    assert.deepEqual(await kept(), whole, `${threads} threads`);
  }
});
