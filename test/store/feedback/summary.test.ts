import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Feedback } from "../../../src/domain/feedback.ts";
import type { Interaction } from "../../../src/domain/interaction.ts";
import { collect } from "../../../src/store/collect.ts";
import { approvedAfter, FIRST } from "../../../src/store/feedback/export.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import {
  feedbackSince,
  learnedUpTo,
  requestsSince,
  thumbsByAction,
  thumbsByDay,
  thumbsDown,
  totalThumbs,
  usageOf,
} from "../../../src/store/feedback/summary.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { runSubmitted } from "../../../src/store/training-runs.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { AT, hours, interactionOf, makeLoop, ratingOf } from "../loop-fixture.ts";
import { orderRun } from "../ordered-run.ts";

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

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const say = (...given: Partial<Interaction>[]) =>
  within((tx) =>
    recordInteractions(
      tx,
      loop,
      given.map((more) => interactionOf(more)),
    ),
  );
const rate = (feedback: Feedback[], hour = 0) => within((tx) => recordFeedback(tx, loop, feedback, hours(hour)));
/** One interaction and its thumb. */
const said = async (value: Feedback["value"], more: Partial<Interaction> = {}, hour = 0) => {
  const [id] = await say(more);
  await rate([ratingOf(id!, value)], hour);
  return id!;
};

test("totals, actions and days agree, and nothing is a row of noughts", async () => {
  await said(1, { actionType: "todo", at: hours(-24) });
  await said(-1, { actionType: "todo" });
  await said(1, { actionType: null });
  const [withdrawn] = await say({ actionType: "gone" });
  await rate([ratingOf(withdrawn!, 1)]);
  await rate([ratingOf(withdrawn!, null)]);
  assert.deepEqual(await within((tx) => totalThumbs(tx, loop)), { up: 2, down: 1 });
  assert.deepEqual(await within((tx) => thumbsByAction(tx, loop)), [
    { actionType: "todo", up: 1, down: 1 },
    { actionType: "", up: 1, down: 0 },
  ]);
  assert.deepEqual(await within((tx) => thumbsByDay(tx, loop, AT, 30)), [
    { day: "2026-11-02", up: 1, down: 0 },
    { day: "2026-11-03", up: 1, down: 1 },
  ]);
});

test("a loop without feedback has noughts and empty lists", async () => {
  assert.deepEqual(await within((tx) => totalThumbs(tx, loop)), { up: 0, down: 0 });
  assert.deepEqual(await within((tx) => thumbsByAction(tx, loop)), []);
  assert.deepEqual(await within((tx) => thumbsByDay(tx, loop, AT, 30)), []);
  assert.deepEqual(await within((tx) => thumbsDown(tx, loop)), []);
  assert.deepEqual(await within((tx) => usageOf(tx, loop)), { total: 0, rated: 0, errors: 0, quality: null });
  assert.deepEqual(await within((tx) => learnedUpTo(tx, loop)), { watermark: 0, at: null });
});

test("thirty days are thirty, today included, by the instant that is handed in and not by the clock", async () => {
  for (const day of [0, 1, 29, 30]) await said(1, { at: hours(-24 * day) });
  const days = async (asOf: Date, count: number) =>
    (await within((tx) => thumbsByDay(tx, loop, asOf, count))).map((row) => row.day);
  assert.deepEqual(await days(AT, 30), ["2026-10-05", "2026-11-02", "2026-11-03"]);
  assert.deepEqual(await days(AT, 1), ["2026-11-03"]);
  assert.deepEqual(await days(hours(-24), 1), ["2026-11-02"], "the future is not in it");
});

test("what is new since training is what no pulse up to its watermark had seen", async () => {
  const since = (watermark: number) => within((tx) => feedbackSince(tx, loop, watermark));
  const early = await said(1);
  await collect(database.db, loop, hours(1));
  assert.deepEqual(await since(1), { ratings: 0, teachable: 0 });
  assert.deepEqual(await since(0), { ratings: 1, teachable: 1 });
  await said(1);
  await said(-1);
  await said(1, { store: false });
  await said(1, { error: "it broke" });
  await said(1, { response: null });
  await said("fine");
  await rate([ratingOf("not there yet", 1)]);
  assert.deepEqual(await since(1), { ratings: 5, teachable: 1 });
  await collect(database.db, loop, hours(2));
  assert.deepEqual(await since(1), { ratings: 5, teachable: 1 });
  assert.deepEqual(await since(2), { ratings: 0, teachable: 0 });
  await rate([ratingOf(early, -1)]);
  assert.deepEqual(await since(2), { ratings: 1, teachable: 0 }, "a changed mind is new");
  await rate([ratingOf(early, null)]);
  assert.deepEqual(await since(2), { ratings: 0, teachable: 0 }, "and a withdrawn one is nothing");
});

test("what was learned up to is the watermark of the last run that was really submitted", async () => {
  const run = await orderRun(database.db, loop);
  const learned = () => within((tx) => learnedUpTo(tx, loop));
  await database.query("update cycle set watermark = 7 where id = $1", [run.cycle_id]);
  assert.deepEqual(await learned(), { watermark: 0, at: null });
  await within((tx) => runSubmitted(tx, loop, run.id, "job", hours(3)));
  assert.deepEqual(await learned(), { watermark: 7, at: hours(3) });
  await orderRun(database.db, loop);
  assert.deepEqual(
    await learned(),
    { watermark: 7, at: hours(3) },
    "a later one that was never submitted has seen nothing",
  );
});

test("thumbs down come with what the person said last, the newest first, without what may not teach", async () => {
  const messages = (...texts: string[]) =>
    texts.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
  const first = await said(-1, { messages: messages("one", "answer", "two") }, 1);
  const second = await said(
    -1,
    {
      messages: [{ role: "user", content: [{ type: "text", text: "a part" }, { type: "image_url" }] }],
      actionType: null,
    },
    2,
  );
  const nobody = await said(-1, { messages: [{ role: "system", content: "only told" }] }, 3);
  await said(-1, { store: false }, 4);
  await said(1, {}, 5);
  const [twice] = await say({ messages: messages("rated by two") });
  await rate([ratingOf(twice!, -1, { rater: "a" }), ratingOf(twice!, 1, { rater: "b" })], 6);
  const found = await within((tx) => thumbsDown(tx, loop));
  assert.deepEqual(
    found.map((row) => [row.interactionId, row.prompt, row.actionType]),
    [
      [twice, "rated by two", "alarm"],
      [nobody, "", "alarm"],
      [second, "a part", null],
      [first, "two", "alarm"],
    ],
  );
});

test("use is counted, ever or since an instant; a withdrawn rating is none", async () => {
  await said(1, { at: hours(-48), quality: 0.5 });
  await said("fine", { quality: 1, error: "it broke" });
  const [withdrawn] = await say({});
  await rate([ratingOf(withdrawn!, 1)]);
  await rate([ratingOf(withdrawn!, null)]);
  assert.deepEqual(await within((tx) => usageOf(tx, loop)), { total: 3, rated: 2, errors: 1, quality: 0.75 });
  assert.deepEqual(await within((tx) => requestsSince(tx, loop, hours(-1))), { requests: 2, errors: 1 });
  assert.deepEqual(await within((tx) => requestsSince(tx, loop, hours(-48))), { requests: 3, errors: 1 });
});

test("the export has what people liked and nobody disliked, and what may be learned from, chunk by chunk", async () => {
  const liked = [];
  for (let index = 0; index < 5; index++) {
    liked.push(await said(1));
    await said(-1);
    await said(1, { store: false });
    await said(1, { response: null, error: "it broke" });
    await said("fine");
    await said(0);
  }
  const [disputed, agreed] = await say({}, {});
  await rate([ratingOf(disputed!, 1, { rater: "a" }), ratingOf(disputed!, -1, { rater: "b" })]);
  await rate([
    ratingOf(agreed!, 1, { rater: "a" }),
    ratingOf(agreed!, 2, { rater: "b" }),
    ratingOf(agreed!, -1, { name: "tone" }),
  ]);
  await rate([ratingOf("not there yet", 1)]);
  const found: string[] = [];
  let chunks = 0;
  for (let after: string | null = FIRST; after !== null; chunks++) {
    const chunk = await within((tx) => approvedAfter(tx, loop, { after: after!, limit: 4 }));
    found.push(...chunk.interactions.map((interaction) => interaction.id));
    after = chunk.next;
  }
  assert.deepEqual(found, [...liked, agreed]);
  assert.ok(chunks >= 4);
});
