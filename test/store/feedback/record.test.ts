import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Feedback } from "../../../src/domain/feedback.ts";
import { newId } from "../../../src/domain/id.ts";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { recentFeedback, recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { AT, interactionOf, makeLoop, ratingOf, warmUp } from "../loop-fixture.ts";

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

const interact = async (more: Partial<Interaction> = {}) =>
  (await database.db.withLoop(loop, (tx) => recordInteractions(tx, loop, [interactionOf(more)])))[0]!;
const rate = (...feedback: Feedback[]) => database.db.withLoop(loop, (tx) => recordFeedback(tx, loop, feedback, AT));
const sums = async () =>
  (
    await database.query(
      "select action_type, up::int, down::int from feedback_rollup where loop = $1 and (up <> 0 or down <> 0) order by 1",
      [loop],
    )
  ).map((row) => `${row.action_type} +${row.up} -${row.down}`);
const live = () => database.query("select name, rater, value from rating where loop = $1 order by name, rater", [loop]);
const revisions = async () => (await database.query("select 1 from feedback where loop = $1", [loop])).length;

test("a thumb counts at once, for its interaction's action and day", async () => {
  const id = await interact({ at: new Date("2026-10-31T23:59:59.999Z") });
  await rate(ratingOf(id, 1));
  const rows = await database.query(
    "select day::text, action_type, up::int, down::int from feedback_rollup where loop = $1",
    [loop],
  );
  assert.deepEqual(rows, [{ day: "2026-10-31", action_type: "alarm", up: 1, down: 0 }]);
});

test("a rating finds its interaction by the client's name and by our id, and is one rating", async () => {
  const id = await interact({ clientId: "theirs" });
  await rate(ratingOf("theirs", 1), ratingOf(id, 1), ratingOf(id.toUpperCase(), 1));
  assert.deepEqual(await sums(), ["alarm +1 -0"]);
  assert.equal((await live()).length, 1);
  assert.equal(await revisions(), 3);
});

test("both names at the same moment, over and over, count once", async () => {
  for (let round = 0; round < 12; round++) {
    const id = await interact({ clientId: `theirs-${round}` });
    await Promise.all([
      rate(ratingOf(`theirs-${round}`, 1)),
      rate(ratingOf(id, 1)),
      rate(ratingOf(id, 1)),
      rate(ratingOf(`theirs-${round}`, 1)),
    ]);
  }
  assert.deepEqual(await sums(), ["alarm +12 -0"]);
});

test("a rating that comes first waits for its interaction, whatever its name looks like", async () => {
  const uuid = newId();
  await rate(ratingOf("early", 1), ratingOf(uuid, -1));
  assert.deepEqual(await sums(), []);
  await interact({ clientId: "early" });
  assert.deepEqual(await sums(), ["alarm +1 -0"]);
  const id = await interact({ clientId: uuid, actionType: "todo" });
  assert.deepEqual(await sums(), ["alarm +1 -0", "todo +0 -1"]);
  await rate(ratingOf(id, 1), ratingOf(uuid, 1));
  assert.deepEqual(await sums(), ["alarm +1 -0", "todo +1 -0"]);
});

test("a rating that comes first may still change and be withdrawn before its interaction is there", async () => {
  await rate(ratingOf("changed", 1), ratingOf("withdrawn", 1), ratingOf("kept", 1));
  await rate(ratingOf("changed", -1), ratingOf("withdrawn", null));
  for (const clientId of ["changed", "withdrawn", "kept"]) await interact({ clientId });
  assert.deepEqual(await sums(), ["alarm +1 -1"]);
});

test("of revisions the highest wins, in whatever order they come; without any the later one", async () => {
  const orders = [
    [1, 2, 3],
    [3, 2, 1],
    [2, 3, 1],
    [3, 1, 2],
    [2, 1, 3],
    [1, 3, 2],
  ];
  const values = { 1: 1, 2: null, 3: -1 } as const;
  for (const order of orders) {
    const id = await interact({ actionType: order.join("") });
    for (const revision of order) await rate(ratingOf(id, values[revision as 1], { revision }));
  }
  assert.deepEqual(await sums(), orders.map((order) => `${order.join("")} +0 -1`).sort());
  const plain = await interact({ actionType: "plain" });
  await rate(ratingOf(plain, -1));
  await rate(ratingOf(plain, 1));
  assert.ok((await sums()).includes("plain +1 -0"));
});

test("in one batch it is the same: the highest revision, else the last", async () => {
  const [numbered, plain] = [await interact({ actionType: "numbered" }), await interact({ actionType: "plain" })];
  await rate(
    ratingOf(numbered, 1, { revision: 7 }),
    ratingOf(numbered, -1, { revision: 6 }),
    ratingOf(plain, 1),
    ratingOf(plain, null),
    ratingOf(plain, -1),
    ratingOf(numbered, -1),
  );
  assert.deepEqual(await sums(), ["numbered +1 -0", "plain +0 -1"]);
});

test("of two with the same revision the later one wins", async () => {
  const id = await interact();
  await rate(ratingOf(id, 1, { revision: 4 }));
  await rate(ratingOf(id, -1, { revision: 4 }));
  assert.deepEqual(await sums(), ["alarm +0 -1"]);
});

test("a revision beats a rating without one, and is not overtaken by it", async () => {
  const id = await interact();
  await rate(ratingOf(id, -1, { revision: 0 }));
  await rate(ratingOf(id, 1));
  assert.deepEqual(await sums(), ["alarm +0 -1"]);
});

test("the same event twice counts once and answers with the same id: later, in one batch, and at the same time", async () => {
  const id = await interact();
  const event = (value: number) => ratingOf(id, value, { eventId: "e1", rater: "r1" });
  const [first, same] = await rate(event(1), event(-1));
  assert.equal(same, first);
  assert.deepEqual(await rate(event(-1)), [first]);
  const concurrent = await Promise.all(
    Array.from({ length: 8 }, (_, writer) => rate(ratingOf(id, 1, { eventId: "e2", rater: `w${writer}` }))),
  );
  assert.equal(new Set(concurrent.flat()).size, 1);
  assert.deepEqual(await sums(), ["alarm +2 -0"]);
  assert.equal(await revisions(), 2);
});

test("an event delivered again does not undo what came after it", async () => {
  const id = await interact();
  await rate(ratingOf(id, 1, { eventId: "up" }));
  await rate(ratingOf(id, -1, { eventId: "down" }));
  await rate(ratingOf(id, 1, { eventId: "up" }));
  assert.deepEqual(await sums(), ["alarm +0 -1"]);
});

test("batches in opposite orders, with events in common, never wait for each other", async () => {
  const names = Array.from({ length: 25 }, (_, index) => `n${index}`);
  await Promise.all(names.map((clientId) => interact({ clientId })));
  const writers = Array.from({ length: 8 }, (_, writer) => {
    const order = writer % 2 === 0 ? names : names.toReversed();
    return rate(
      ...order.map((name, index) =>
        ratingOf(name, 1, { rater: `r${writer}`, eventId: `e${writer % 2 === 0 ? index : 24 - index}-${writer >> 1}` }),
      ),
    );
  });
  await Promise.all(writers);
  assert.deepEqual(await sums(), ["alarm +100 -0"], "each event of two writers counts for one of them");
});

test("several raters count one each, and one rater once a name", async () => {
  const id = await interact();
  await rate(
    ratingOf(id, 1, { rater: "a" }),
    ratingOf(id, 1, { rater: "b" }),
    ratingOf(id, -1),
    ratingOf(id, -1, { rater: "a", name: "tone" }),
  );
  assert.deepEqual(await sums(), ["alarm +2 -1"]);
  await rate(ratingOf(id, null, { rater: "b" }));
  assert.deepEqual(await sums(), ["alarm +1 -1"]);
  assert.equal((await live()).length, 4);
});

test("numbers count by their sign, and nothing and words are no thumb", async () => {
  const id = await interact();
  const values = [5, 0.001, -0.001, -9, 0, -0, "great", "", "1", 1e-300, 1e300, null];
  await rate(...values.map((value, index) => ratingOf(id, value, { rater: `r${index}` })));
  assert.deepEqual(await sums(), ["alarm +4 -2"]);
  const stored = new Map((await live()).map((row) => [row.rater, row.value]));
  assert.deepEqual(
    values.map((_, index) => stored.get(`r${index}`)),
    values.map((value) => (value === 0 ? 0 : value)),
  );
});

test("a rating moves between thumb, word and nothing, and the sums follow", async () => {
  const id = await interact();
  for (const [value, expected] of [
    [1, ["alarm +1 -0"]],
    ["fine", []],
    [-1, ["alarm +0 -1"]],
    [0, []],
    [1, ["alarm +1 -0"]],
    [null, []],
  ] as const) {
    await rate(ratingOf(id, value));
    assert.deepEqual(await sums(), expected);
  }
});

test("the interaction's own action wins; what the rating says fills in, and a changed word moves the count", async () => {
  const [own, none] = [await interact({ actionType: "todo" }), await interact({ actionType: null })];
  await rate(ratingOf(own, 1, { actionType: "said" }), ratingOf(none, 1, { actionType: "said" }));
  assert.deepEqual(await sums(), ["said +1 -0", "todo +1 -0"]);
  await rate(ratingOf(none, 1, { actionType: "corrected" }));
  assert.deepEqual(await sums(), ["corrected +1 -0", "todo +1 -0"]);
  await rate(ratingOf(none, -1));
  assert.deepEqual(await sums(), [" +0 -1", "todo +1 -0"]);
});

test("an action whose name looks like another's key stays apart", async () => {
  const actions = ["a", "a b", " a", "A", "", "null", "'", "语"];
  for (const actionType of actions) await rate(ratingOf(await interact({ actionType }), 1));
  assert.deepEqual(
    await sums(),
    actions
      .map((action) => `${action} +1 -0`)
      .sort((left, right) => left.localeCompare(right))
      .sort(),
  );
});

test("text that PostgreSQL cannot hold is cleaned, in names and everywhere", async () => {
  const id = await interact();
  const hostile = "a\0b\ud800";
  await rate(
    ratingOf(id, hostile, {
      name: hostile,
      comment: hostile,
      correction: hostile,
      reasons: [hostile, "plain"],
      actionType: hostile,
      eventId: hostile,
    }),
    ratingOf(hostile, 1, { name: "thumb\0" }),
  );
  const [row] = await database.query(
    "select name, value, comment, correction, reasons, action_type from feedback where loop = $1 order by id",
    [loop],
  );
  const clean = "ab\ufffd";
  assert.deepEqual(row, {
    name: clean,
    value: clean,
    comment: clean,
    correction: clean,
    reasons: [clean, "plain"],
    action_type: clean,
  });
  await interact({ clientId: hostile });
  assert.deepEqual(await sums(), ["alarm +1 -0"]);
  assert.equal((await rate(ratingOf(id, 1, { eventId: hostile }))).length, 1);
  assert.equal(await revisions(), 2, "and the cleaned event is known again");
});

test("what is not to be learned from, and what failed, is still rated", async () => {
  await rate(
    ratingOf(await interact({ store: false }), 1),
    ratingOf(await interact({ error: "it broke", response: null }), -1),
  );
  assert.deepEqual(await sums(), ["alarm +1 -1"]);
});

test("every revision is kept as it came, the newest shown first, page by page", async () => {
  const id = await interact();
  const ids: string[] = [];
  for (let revision = 0; revision < 5; revision++)
    ids.unshift(...(await rate(ratingOf(id, revision, { comment: `${revision}`, reasons: [`${revision}`] }))));
  const read = (before: string | null, limit: number) =>
    database.db.withLoop(loop, (tx) => recentFeedback(tx, loop, { before, limit }));
  const first = await read(null, 2);
  const rest = await read(first.at(-1)!.id, 10);
  assert.deepEqual(
    [...first, ...rest].map((row) => row.id),
    ids,
  );
  assert.deepEqual(
    first.map((row) => [row.value, row.comment, row.reasons]),
    [
      [4, "4", ["4"]],
      [3, "3", ["3"]],
    ],
  );
  assert.deepEqual(await read(ids.at(-1)!, 10), []);
});

test("nothing recorded is nothing, and a failed batch leaves no trace", async () => {
  assert.deepEqual(await rate(), []);
  const id = await interact();
  await assert.rejects(rate(ratingOf(id, 1, { eventId: "e" }), ratingOf(id, 1, { name: "x".repeat(65) })));
  assert.deepEqual(await sums(), []);
  await rate(ratingOf(id, 1, { eventId: "e" }));
  assert.deepEqual(await sums(), ["alarm +1 -0"], "the event that failed may come again");
});
