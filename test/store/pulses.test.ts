import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Database, openDatabase } from "../../src/db/database.ts";
import type { Feedback } from "../../src/domain/feedback.ts";
import type { Interaction } from "../../src/domain/interaction.ts";
import { collect } from "../../src/store/collect.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { concludePulse, lastPulse, loadPulse } from "../../src/store/pulses.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { hours, interactionOf, makeLoop, ratingOf, warmUp } from "./loop-fixture.ts";
import { plainRecipe, prepareUpTo, readUpTo } from "./prepare-up-to.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let impatient: Database; // who would wait for ever fails instead
before(async () => {
  database = await createTestDatabase();
  impatient = openDatabase(`${database.url}?options=-c%20lock_timeout%3D3000`);
  await warmUp(impatient);
});
after(async () => {
  await impatient.close();
  await database.drop();
});
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const say = (...given: Partial<Interaction>[]) =>
  database.db.withLoop(loop, (tx) =>
    recordInteractions(
      tx,
      loop,
      given.map((more) => interactionOf(more)),
    ),
  );
const rate = (...feedback: Feedback[]) =>
  database.db.withLoop(loop, (tx) => recordFeedback(tx, loop, feedback, hours(0)));
const pulse = (hour: number) => collect(impatient, loop, hours(hour));
/** What a snapshot of a watermark would read, prepared as far as is needed. */
async function upTo(watermark: number, page: { after?: string; limit?: number } = {}) {
  await prepareUpTo(database.db, loop, watermark);
  const rows = await readUpTo(database.db, loop, watermark, page);
  return rows.map((row) => ({
    id: row.id,
    score: row.said?.score ?? null,
    correction: row.corrected === null ? null : JSON.parse(row.corrected.line).messages.at(-1).content,
    feedback_id: (row.said?.score ?? 0) < 0 ? row.said!.last_down : (row.said?.last_up ?? null),
  }));
}

/** Does `during` while the recording of one interaction has happened and is not committed. */
async function uncommitted(clientId: string, during: () => Promise<void>): Promise<string> {
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let written = () => {};
  const writing = new Promise<void>((resolve) => {
    written = resolve;
  });
  const recording = database.db.withLoop(loop, async (tx) => {
    const [id] = await recordInteractions(tx, loop, [interactionOf({ clientId })]);
    written();
    await held;
    return id!;
  });
  await Promise.race([writing, recording]);
  try {
    await during();
  } finally {
    commit();
  }
  return recording;
}

/** The same database; `beside` is done in the middle of each transaction, when all of it is done but the commit. */
const openBeside = (db: Database, beside: () => Promise<void>): Database => ({
  ...db,
  withLoop: (name, work) =>
    db.withLoop(name, async (tx) => {
      const result = await work(tx);
      await beside();
      return result;
    }),
});

test("pulses are numbered from one, each with what is new to it", async () => {
  assert.deepEqual(await pulse(0), { number: 1, interactions: 0, feedback: 0 });
  const [id] = await say({}, {}, {});
  await rate(ratingOf(id!, 1), ratingOf(id!, -1), ratingOf("not there yet", 1));
  assert.deepEqual(await pulse(1), { number: 2, interactions: 3, feedback: 3 });
  assert.deepEqual(await pulse(2), { number: 3, interactions: 0, feedback: 0 });
});

test("the same instant is the same pulse: a retry finds its numbers, and takes nothing new", async () => {
  await say({});
  const first = await pulse(1);
  await say({});
  assert.deepEqual(await pulse(1), first);
  assert.deepEqual(await pulse(2), { number: 2, interactions: 1, feedback: 0 });
});

test("the same instant from several at once is one pulse", async () => {
  await say({}, {});
  const all = await Promise.all(Array.from({ length: 6 }, () => pulse(1)));
  for (const found of all) assert.deepEqual(found, { number: 1, interactions: 2, feedback: 0 });
});

test("different instants at once are pulses after each other, and each row belongs to one", async () => {
  await say(...Array.from({ length: 50 }, () => ({})));
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map((hour) => pulse(hour)));
  assert.deepEqual(all.map(({ number }) => number).sort(), [1, 2, 3, 4, 5, 6]);
  assert.equal(
    all.reduce((sum, { interactions }) => sum + interactions, 0),
    50,
  );
});

test("what commits late belongs to the next pulse, though its id and its time are older", async () => {
  let early: string[] = [];
  const late = await uncommitted("late", async () => {
    early = await say({ clientId: "early" });
    assert.deepEqual(await pulse(1), { number: 1, interactions: 1, feedback: 0 });
  });
  assert.ok(late < early[0]!, "the late one was made first");
  assert.deepEqual(
    (await upTo(1)).map((row) => row.id),
    early,
  );
  assert.deepEqual(await pulse(2), { number: 2, interactions: 1, feedback: 0 });
  assert.deepEqual(
    (await upTo(1)).map((row) => row.id),
    early,
    "the first watermark still says what it said",
  );
  assert.deepEqual(
    (await upTo(2)).map((row) => row.id),
    [late, ...early],
  );
});

test("recording does not wait for a pulse, nor a pulse for a recording", async () => {
  await uncommitted("under way", async () => void (await pulse(1)));
  const ids: string[] = [];
  const slow = openBeside(database.db, async () => {
    const [id] = await impatient.withLoop(loop, (other) => recordInteractions(other, loop, [interactionOf()]));
    await impatient.withLoop(loop, (other) => recordFeedback(other, loop, [ratingOf(id!, 1)], hours(0)));
    ids.push(id!);
  });
  assert.deepEqual(await collect(slow, loop, hours(2)), { number: 2, interactions: 2, feedback: 1 });
  assert.equal(ids.length, 2, "one while the number was given out, one behind what was stamped");
  assert.deepEqual(await pulse(3), { number: 3, interactions: 1, feedback: 1 });
});

test("a watermark is frozen: later ratings, changes, withdrawals and corrections do not reach back", async () => {
  const [liked, disliked, unrated, changed] = await say({}, {}, {}, {});
  await rate(ratingOf(liked!, 1), ratingOf(disliked!, -1), ratingOf(changed!, 1, { correction: "better" }));
  await pulse(1);
  const before = await upTo(1);
  assert.deepEqual(
    before.map(({ id, score, correction }) => [id, score, correction]),
    [
      [liked, 1, null],
      [disliked, -1, null],
      [unrated, null, null],
      [changed, 1, "better"],
    ],
  );
  await rate(
    ratingOf(liked!, -1),
    ratingOf(disliked!, null),
    ratingOf(unrated!, 1, { rater: "late" }),
    ratingOf(changed!, 1, { correction: "best" }),
  );
  assert.deepEqual(await upTo(1), before, "before the next pulse");
  await say({});
  await pulse(2);
  assert.deepEqual(await upTo(1), before, "and after it");
  assert.deepEqual(
    (await upTo(2)).map(({ score, correction }) => [score, correction]),
    [
      [-1, null],
      [null, null],
      [1, null],
      [1, "best"],
      [null, null],
    ],
  );
});

test("an older revision that comes late does not win, at any watermark", async () => {
  const [id] = await say({});
  await rate(ratingOf(id!, 1, { revision: 2 }));
  await pulse(1);
  await rate(ratingOf(id!, -1, { revision: 1 }));
  await pulse(2);
  assert.deepEqual([(await upTo(1))[0]!.score, (await upTo(2))[0]!.score], [1, 1]);
});

test("several raters add up, words and other names do not, and the newest rating of those that won is named", async () => {
  const [id] = await say({});
  const ids = await rate(
    ratingOf(id!, 5, { rater: "a" }),
    ratingOf(id!, 1, { rater: "b", correction: "from b" }),
    ratingOf(id!, -1, { rater: "c" }),
    ratingOf(id!, "fine", { rater: "d", correction: "from d" }),
    ratingOf(id!, -1, { rater: "a", name: "tone" }),
  );
  await pulse(1);
  const [row] = await upTo(1);
  assert.deepEqual([row!.score, row!.correction, row!.feedback_id], [1, "from b", ids[1]]);
});

test("a rating seen before its interaction counts from the watermark that saw both", async () => {
  await rate(ratingOf("early", 1));
  await pulse(1);
  const [id] = await say({ clientId: "early" });
  assert.deepEqual(await upTo(1), []);
  await pulse(2);
  assert.deepEqual(
    (await upTo(2)).map((row) => [row.id, row.score]),
    [[id, 1]],
  );
});

test("pages go by id and leave nothing out; only rated ones are prepared when no others may teach", async () => {
  const ids = await say(...Array.from({ length: 25 }, () => ({})));
  await rate(...ids.filter((_, index) => index % 5 === 0).map((id) => ratingOf(id, 1)));
  await pulse(1);
  const seen: string[] = [];
  for (let rows = await upTo(1, { limit: 7 }); rows.length > 0; rows = await upTo(1, { limit: 7, after: seen.at(-1)! }))
    seen.push(...rows.map((row) => row.id));
  assert.deepEqual(seen, ids);
  const recipe = plainRecipe(true);
  assert.equal(await prepareUpTo(database.db, loop, 1, { recipe }), 5);
  assert.equal((await readUpTo(database.db, loop, 1, { recipe })).length, 5);
});

test("what is read carries all that choosing needs", async () => {
  const [id] = await say({ quality: 0.5, unit: "u", conversation: "c", at: hours(-5) });
  await pulse(1);
  await prepareUpTo(database.db, loop, 1);
  const [row] = await readUpTo(database.db, loop, 1);
  assert.ok(row?.refused === null);
  const { line, tokens, fingerprint, asked, bands, ...facts } = row;
  assert.deepEqual(JSON.parse(line), {
    messages: [{ role: "user", content: "wake me at seven" }, interactionOf().response],
  });
  assert.ok(tokens > 0);
  assert.deepEqual([fingerprint.length, asked.length, bands.length], [16, 16, 80]);
  assert.deepEqual(facts, {
    id,
    pulse: 1,
    at: hours(-5),
    unit: "u",
    conversation: "c",
    action_type: "alarm",
    quality: 0.5,
    is_own: false,
    refused: null,
    redactions: {},
    said: null,
    corrected: null,
  });
});

test("of what may never be learned from, no text is kept a second time", async () => {
  await say({ store: false }, { error: "it broke" }, { response: null });
  await pulse(1);
  await prepareUpTo(database.db, loop, 1);
  const kept = await database.query("select refused, line as text from prepared where loop = $1 order by id", [loop]);
  assert.deepEqual(
    kept,
    ["no-store", "error", "empty-answer"].map((refused) => ({ refused, text: null })),
  );
});

test("a pulse's decision is written down; the last one is the last that came to one", async () => {
  assert.equal(await database.db.withLoop(loop, (tx) => lastPulse(tx, loop)), null);
  await pulse(1);
  await pulse(2);
  const decision = { analysis: { total: 1 }, due: false, reason: "not due: too early", cycleId: null };
  await database.db.withLoop(loop, (tx) => concludePulse(tx, loop, 1, decision));
  const last = await database.db.withLoop(loop, (tx) => lastPulse(tx, loop));
  assert.deepEqual(
    [last!.number, last!.as_of, last!.due, last!.reason, last!.analysis],
    [1, hours(1), false, "not due: too early", { total: 1 }],
  );
  const second = await database.db.withLoop(loop, (tx) => loadPulse(tx, loop, 2));
  assert.deepEqual([second.number, second.due], [2, null]);
});
