import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { listAudit } from "../../src/store/audit.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { applySettings, findLoop, listLoops, loadLoop, setPaused, settingsAt } from "../../src/store/loops.ts";
import { baseOf, championOf, listModels } from "../../src/store/models.ts";
import { listPromotions } from "../../src/store/promotions.ts";
import { readRouting } from "../../src/store/routing.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import {
  ASKED,
  AT,
  apply,
  faultLike,
  hours,
  interactionOf,
  makeLoop,
  startExperiment,
  warmUp,
} from "./loop-fixture.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());

const on = (name: string, model: string, more = {}) =>
  parseLoopSettings({ name, model: { provider: "sandbox", name: model }, ...more });
const within = <T>(loop: string, work: Parameters<typeof database.db.withLoop<T>>[1]) =>
  database.db.withLoop(loop, work);
const champion = async (loop: string) => (await within(loop, (tx) => championOf(tx, loop))).name;
const roles = async (loop: string) =>
  Object.fromEntries((await within(loop, (tx) => listModels(tx, loop))).map((model) => [model.name, model.role]));

test("a new loop has its settings, its base model as champion, and both are in the audit", async () => {
  const made = await makeLoop(database.db, "helpem");
  assert.deepEqual([made.created, made.changed, made.loop.settingsVersion, made.loop.createdAt], [true, true, 1, AT]);
  const routing = await within("helpem", (tx) => readRouting(tx, "helpem", AT));
  assert.deepEqual([routing.champion.name, routing.version], ["sandbox-base", 1]);
  const [settings, first] = await within("helpem", (tx) => listAudit(tx, "helpem", { before: null, limit: 10 }));
  assert.deepEqual([settings!.action, settings!.actor, settings!.reason], ["loop.create", "ada", "a test"]);
  assert.equal(first!.action, "champion.first");
});

test("the same settings again change nothing, in whatever order they are written", async () => {
  await makeLoop(database.db, "same");
  const again = await apply(
    database.db,
    JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(on("same", "sandbox-base")).reverse()))),
  );
  assert.deepEqual([again.created, again.changed, again.loop.settingsVersion], [false, false, 1]);
  assert.equal((await within("same", (tx) => listAudit(tx, "same", { before: null, limit: 10 }))).length, 2);
});

test("changed settings are a new version; the old one can still be read, and routing is told", async () => {
  await makeLoop(database.db, "changing");
  const changed = await apply(database.db, on("changing", "sandbox-base", { readiness: { minFeedback: 7 } }), hours(1));
  assert.deepEqual([changed.created, changed.changed, changed.loop.settingsVersion], [false, true, 2]);
  assert.equal((await within("changing", (tx) => settingsAt(tx, "changing", 1))).readiness.minFeedback, 500);
  assert.equal((await within("changing", (tx) => settingsAt(tx, "changing", 2))).readiness.minFeedback, 7);
  assert.equal((await within("changing", (tx) => readRouting(tx, "changing", AT))).version, 2);
});

test("of two that make a loop at once one does, and the other hears of it", async () => {
  const results = await Promise.allSettled(
    [1, 2, 3].map((count) => apply(database.db, on("raced", "sandbox-base", { readiness: { minFeedback: count } }))),
  );
  const won = results.filter((result) => result.status === "fulfilled" && result.value.created);
  assert.equal(won.length, 1);
  for (const result of results)
    if (result.status === "rejected") assert.ok(faultLike("conflict", /just now/)(result.reason));
    else assert.ok(result.value.changed, "or it came after, and changed it");
  const [{ settings_version: version }] = (await database.query(
    "select settings_version from loop where name = 'raced'",
  )) as [{ settings_version: number }];
  assert.equal(version, results.filter((result) => result.status === "fulfilled").length);
});

test("settings changed by several at once are versions one after the other", async () => {
  await makeLoop(database.db, "edited");
  await Promise.all(
    [11, 12, 13, 14, 15].map((count) =>
      apply(database.db, on("edited", "sandbox-base", { readiness: { minFeedback: count } })),
    ),
  );
  const versions = await database.query("select version from loop_settings where loop = 'edited' order by 1");
  assert.deepEqual(
    versions.map((row) => row.version),
    [1, 2, 3, 4, 5, 6],
  );
});

test("loops are listed by name across loops, and one alone sees itself", async () => {
  const names = (await database.db.acrossLoops(listLoops)).map((loop) => loop.name);
  assert.deepEqual(names, names.toSorted());
  assert.ok(names.includes("helpem") && names.includes("same"));
  assert.deepEqual(
    (await within("helpem", listLoops)).map((loop) => loop.name),
    ["helpem"],
  );
});

test("a loop that is not there is a fault that says so, and another's is not there", async () => {
  await assert.rejects(
    within("helpem", (tx) => loadLoop(tx, "none")),
    faultLike("not_found", /no loop "none"/),
  );
  assert.equal(await within("helpem", (tx) => findLoop(tx, "same")), null);
  await assert.rejects(
    within("none", (tx) => readRouting(tx, "none", AT)),
    faultLike("not_found", /no loop "none"/),
  );
});

test("a loop cannot be made from inside another", async () => {
  await assert.rejects(
    within("helpem", (tx) => applySettings(tx, on("smuggled", "m"), ASKED, AT)),
    { code: "42501" },
  );
});

test("pausing and resuming are noted once each", async () => {
  await makeLoop(database.db, "pausing");
  const pause = (paused: boolean, hour: number) =>
    within("pausing", (tx) => setPaused(tx, "pausing", paused, ASKED, hours(hour)));
  assert.deepEqual((await pause(true, 1)).pausedAt, hours(1));
  assert.deepEqual((await pause(true, 2)).pausedAt, hours(1));
  assert.equal((await pause(false, 3)).pausedAt, null);
  assert.equal((await pause(false, 4)).pausedAt, null);
  const actions = (await within("pausing", (tx) => listAudit(tx, "pausing", { before: null, limit: 10 }))).map(
    (entry) => entry.action,
  );
  assert.deepEqual(actions.slice(0, 2), ["loop.resume", "loop.pause"]);
  assert.equal(actions.length, 4);
  await assert.rejects(
    within("gone", (tx) => setPaused(tx, "gone", true, ASKED, AT)),
    faultLike("not_found", /gone/),
  );
});

test("while nobody was answered, another base model takes the champion's place, and back again", async () => {
  await apply(database.db, on("fickle", "one"));
  await apply(database.db, on("fickle", "two"));
  assert.deepEqual(await roles("fickle"), { one: "retired", two: "champion" });
  await apply(database.db, on("fickle", "one"));
  assert.deepEqual(await roles("fickle"), { one: "champion", two: "retired" });
  const changes = await within("fickle", (tx) => listPromotions(tx, "fickle"));
  assert.deepEqual(
    changes.map((change) => change.kind),
    ["first", "first", "first"],
  );
});

test("once the champion has answered somebody, a new base model waits to be built upon", async () => {
  await apply(database.db, on("settled", "one"));
  await within("settled", async (tx) =>
    recordInteractions(tx, "settled", [interactionOf({ modelId: (await championOf(tx, "settled")).id })]),
  );
  await apply(database.db, on("settled", "two"));
  assert.deepEqual(await roles("settled"), { one: "champion", two: "candidate" });
  const base = await within("settled", (tx) => baseOf(tx, on("settled", "two")));
  assert.deepEqual(
    [base.name, base.kind, base.provider],
    ["two", "base", { provider: "sandbox", baseURL: null, model: "two" }],
  );
  await apply(database.db, on("settled", "one"));
  await apply(database.db, on("settled", "two"));
  assert.deepEqual(await roles("settled"), { one: "champion", two: "candidate" }, "known ones are not made again");
});

test("a champion that is being compared keeps its place, though nobody was answered yet", async () => {
  await apply(database.db, on("compared", "one"));
  await startExperiment(database.db, "compared", "tried");
  await apply(database.db, on("compared", "two"));
  assert.equal(await champion("compared"), "one");
});

test("the same model's name at another address is another base model", async () => {
  await apply(database.db, on("addressed", "one"));
  await apply(
    database.db,
    parseLoopSettings({
      name: "addressed",
      model: { provider: "sandbox", name: "one", baseURL: "http://127.0.0.1:1/v1" },
    }),
  );
  const models = await within("addressed", (tx) => listModels(tx, "addressed"));
  assert.equal(models.length, 2);
  assert.equal(new Set(models.map((model) => model.name)).size, 2);
  assert.match(await champion("addressed"), /^one \(.{6}\)$/);
});
