import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { closeAlert, listAlerts, loadAlert, openAlert, openAlerts } from "../../src/store/alerts.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { AT, faultLike, hours, makeLoop, warmUp } from "./loop-fixture.ts";

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

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const open = (words: string, hour = 0, subject = "todo") =>
  within((tx) => openAlert(tx, loop, { kind: "approval", subject, words, numbers: { words } }, hours(hour)));
const close = (hour: number, subject = "todo") =>
  within((tx) => closeAlert(tx, loop, { kind: "approval", subject }, hours(hour)));
/** What others hear of, in the order in which it was made. */
const told = async () => {
  const rows = await database.query("select type, subject from event_outbox where loop = $1 order by id", [loop]);
  return rows.map((row) => row.type as string).filter((type) => type.startsWith("alert"));
};

test("an alert opens once, gets newer words while it holds, and closes once; both are told once", async () => {
  await open("85 %", 0);
  await open("80 %", 1);
  const [alert] = await within((tx) => openAlerts(tx, loop));
  assert.deepEqual(
    [alert!.words, alert!.numbers, alert!.opened_at, alert!.closed_at],
    ["80 %", { words: "80 %" }, AT, null],
  );
  await close(2);
  await close(3);
  assert.deepEqual(await within((tx) => openAlerts(tx, loop)), []);
  assert.deepEqual((await within((tx) => loadAlert(tx, loop, alert!.id))).closed_at, hours(2));
  assert.deepEqual(await told(), ["alert.opened", "alert.closed"]);
});

test("what comes back is a new alert", async () => {
  await open("first");
  await close(1);
  await open("second", 2);
  assert.equal((await within((tx) => listAlerts(tx, loop, { before: null, limit: 9 }))).length, 2);
  assert.deepEqual(await told(), ["alert.opened", "alert.closed", "alert.opened"]);
});

test("subjects are alerts of their own, and several that open one at once open one", async () => {
  await Promise.all([open("a"), open("b"), open("c"), open("d", 0, "music")]);
  const found = await within((tx) => openAlerts(tx, loop));
  assert.deepEqual(found.map((alert) => alert.subject).sort(), ["music", "todo"]);
  assert.equal((await told()).length, 2);
});

test("alerts are listed newest first, page by page; one that is not there is a fault", async () => {
  for (const subject of ["a", "b", "c"]) await open("words", 0, subject);
  const list = (before: string | null) => within((tx) => listAlerts(tx, loop, { before, limit: 2 }));
  const first = await list(null);
  assert.deepEqual(
    [...first, ...(await list(first.at(-1)!.id))].map((alert) => alert.subject),
    ["c", "b", "a"],
  );
  await assert.rejects(
    within((tx) => loadAlert(tx, loop, "none")),
    faultLike("not_found", /no alert "none"/),
  );
});
