// A ramp as the look activity drives it: a look after a phase's time opens it, unless something speaks for harm.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { command } from "../../src/store/experiment/command.ts";
import { lastLook } from "../../src/store/experiment/looks.ts";
import { type Experiment, loadExperiment } from "../../src/store/experiment/row.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { ASKED, AT, HOUR, interactionOf, makeLoop, ratingOf, startExperiment } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { takeLook as look } from "./take-look.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let begun: Experiment;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());

const RAMP = [
  { share: 0.1, entered: 0.2, from: 0 },
  { share: 0.25, entered: 0.5, from: 12 * HOUR },
  { share: 0.5, entered: 1, from: 24 * HOUR },
];
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
  begun = await startExperiment(database.db, loop, "candidate", { share: 0.5, ramp: RAMP, minDuration: 0 });
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const row = () => within((tx) => loadExperiment(tx, loop, begun.id));
const step = async () => (await within((tx) => lastLook(tx, begun.id)))?.ramp ?? null;
const ask = (kind: "pause" | "resume") => within((tx) => command(tx, loop, begun.id, { kind, ...ASKED }, AT));

const takeLook = (number: number, after: number) => look(database.db, { loop, experimentId: begun.id }, number, after);

/** So many users of each side rate four answers each, of which so many are good. */
async function rate(variant: "champion" | "challenger", users: number, goodOfFour: number[]): Promise<void> {
  const counted = { experimentId: begun.id, phase: "experiment" as const, stratum: 0 };
  const entries = Array.from({ length: users * 4 }, (_, index) => {
    const user = Math.floor(index / 4);
    return { unit: `${variant} ${user}`, value: index % 4 < goodOfFour[user % goodOfFour.length]! ? 1 : -1 };
  });
  await within(async (tx) => {
    const ids = await recordInteractions(
      tx,
      loop,
      entries.map(({ unit }) => interactionOf({ unit, variant, counted })),
    );
    await recordFeedback(
      tx,
      loop,
      ids.map((id, index) => ratingOf(id, entries[index]!.value)),
      AT,
    );
  });
}

test("each phase opens at the first look after its time, one at a look, and the words follow", async () => {
  const first = await takeLook(1, 11.9);
  assert.match(first.shown.what, /candidate answers 10 % of the users \(phase 1 of 3\), champion/);
  assert.match(
    first.shown.next,
    /; 25 % of the users from 2026-11-04 00:00:00 UTC on, at the first look at which nothing/,
  );
  assert.equal(await step(), null);
  const second = await takeLook(2, 25);
  assert.match(second.shown.what, /25 % of the users \(phase 2 of 3\)/);
  assert.deepEqual([(await step())?.kind, (await row()).phases_open], ["open", 2]);
  const third = await takeLook(3, 25.5);
  assert.match(third.shown.what, /50 % of the users \(phase 3 of 3\)/);
  assert.doesNotMatch(third.shown.next, /of the users from/);
  await takeLook(4, 26);
  assert.deepEqual([await step(), (await row()).phases_open], [null, 3]);
});

test("a look that comes again opens no further phase", async () => {
  for (const again of [25, 25, 40]) await takeLook(1, again);
  assert.equal((await row()).phases_open, 2);
});

test("a challenger that looks worse, though not yet so that it is rejected, waits with its phase and goes on once it looks better", async () => {
  await rate("champion", 28, [4, 3, 3, 4]);
  await rate("challenger", 24, [3]);
  const waiting = await takeLook(1, 12);
  const kept = await within((tx) => lastLook(tx, begun.id));
  assert.equal(kept?.verdict.kind, "hold");
  assert.equal(kept?.ramp?.kind, "wait");
  assert.match(
    waiting.shown.next,
    /phase 2 of 3 \(25 % of the users\) waits: so far the challenger looks worse \(evidence of harm \d/,
  );
  assert.equal((await row()).phases_open, 1);
  for (const variant of ["champion", "challenger"] as const) await rate(variant, 90, [4, 3, 3, 4]);
  await takeLook(2, 12.5);
  assert.equal((await row()).phases_open, 2);
});

test("a challenger that does harm is stopped, and lets nobody else in", async () => {
  await rate("champion", 100, [4, 3, 3, 4]);
  await rate("challenger", 100, [1, 0, 2, 1]);
  const stopped = await takeLook(1, 12);
  assert.equal(stopped.outcome, "harmful", stopped.reason ?? "");
  assert.deepEqual([await step(), (await row()).phases_open], [null, 1]);
});

test("a challenger that waits for approval lets nobody else in", async () => {
  await rate("champion", 100, [1, 2, 1, 2]);
  await rate("challenger", 100, [4, 3, 3, 4]);
  for (const number of [1, 2]) assert.equal((await takeLook(number, 12 + number)).status, "awaiting_approval");
  assert.deepEqual([await step(), (await row()).phases_open], [null, 1]);
});

test("a pause holds the phases back whose time comes, and the first look after it goes on", async () => {
  await ask("pause");
  const paused = await takeLook(1, 13);
  assert.match(paused.shown.what, /paused since .*: nothing is promoted, and no phase opens, until it is resumed/);
  assert.match(paused.shown.next, /waits: the experiment is paused$/);
  assert.equal((await row()).phases_open, 1);
  await ask("resume");
  await takeLook(2, 13.5);
  assert.equal((await row()).phases_open, 2);
});
