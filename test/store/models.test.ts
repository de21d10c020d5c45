import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import {
  addModel,
  championOf,
  loadModel,
  type Model,
  modelInRole,
  nextModelName,
  setRole,
} from "../../src/store/models.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { makeFullLoop } from "./full-loop.ts";
import { AT, addCandidate, faultLike, hours, makeLoop } from "./loop-fixture.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, "helpem");
});
after(() => database.drop());

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop("helpem", work);

test("a role that only one may have is had by one, whatever the code believes", async () => {
  for (const [role, index] of [
    ["champion", "one_champion_per_loop"],
    ["challenger", "one_challenger_per_loop"],
    ["standby", "one_standby_per_loop"],
  ] as const) {
    const [first, second] = await within(async (tx) => [
      await addCandidate(tx, "helpem", `${role}-1`),
      await addCandidate(tx, "helpem", `${role}-2`),
    ]);
    const become = (id: string) => within((tx) => setRole(tx, "helpem", id, { from: ["candidate"], to: role }, AT));
    if (role !== "champion") await become(first!.id);
    await assert.rejects(become(second!.id), { constraint: index });
  }
});

test("a role is changed from what was expected, or not at all", async () => {
  const { id } = await within((tx) => addCandidate(tx, "helpem", "expected"));
  const move = (from: Model["role"][], to: Model["role"]) =>
    within((tx) => setRole(tx, "helpem", id, { from, to }, AT));
  await move(["candidate", "retired"], "rejected");
  await assert.rejects(
    move(["candidate", "standby"], "retired"),
    faultLike("conflict", /expected is rejected, not candidate or standby/),
  );
  assert.equal((await within((tx) => loadModel(tx, "helpem", id))).role, "rejected");
  await assert.rejects(
    within((tx) => setRole(tx, "helpem", newId(), { from: ["candidate"], to: "retired" }, AT)),
    faultLike("not_found", /no model/),
  );
});

test("each loop has its own champion", async () => {
  await makeLoop(database.db, "another");
  const theirs = await database.db.withLoop("another", (tx) => championOf(tx, "another"));
  const ours = await within((tx) => championOf(tx, "helpem"));
  assert.notEqual(theirs.id, ours.id);
  await assert.rejects(
    within((tx) => loadModel(tx, "helpem", theirs.id)),
    faultLike("not_found", /no model/),
  );
});

test("a model is found by its id and by its name", async () => {
  const added = await within((tx) => addCandidate(tx, "helpem", "findable"));
  assert.deepEqual(await within((tx) => loadModel(tx, "helpem", added.id)), added);
  assert.deepEqual(await within((tx) => loadModel(tx, "helpem", "findable")), added);
  await assert.rejects(
    within((tx) => loadModel(tx, "helpem", "'; --")),
    faultLike("not_found", /no model "'; --"/),
  );
});

test("a role remembers since when, and an empty one is empty", async () => {
  const { id } = await within((tx) => addCandidate(tx, "helpem", "aging"));
  await within((tx) => setRole(tx, "helpem", id, { from: ["candidate"], to: "retired" }, hours(7)));
  assert.deepEqual((await within((tx) => loadModel(tx, "helpem", id))).roleSince, hours(7));
  await makeLoop(database.db, "fresh");
  assert.equal(await database.db.withLoop("fresh", (tx) => modelInRole(tx, "fresh", "challenger")), null);
});

test("one training run makes one model: adding it again returns the first", async () => {
  const { runId } = await makeFullLoop(database.db, "trained");
  const [first] = (await database.query("select * from model where training_run_id = $1", [
    runId,
  ])) as unknown as Model[];
  const again = await database.db.withLoop("trained", (tx) =>
    addModel(tx, {
      id: newId(),
      loop: "trained",
      name: "another-name",
      kind: "in-context",
      role: "candidate",
      provider: { provider: "sandbox", baseURL: null, model: "other" },
      examples: null,
      trainingRunId: runId,
      at: AT,
    }),
  );
  assert.deepEqual([again.id, again.name, again.role], [first!.id, "trained-v1", "champion"]);
});

test("names go on from the highest of the loop's own series", async () => {
  const next = () => within((tx) => nextModelName(tx, "helpem"));
  assert.equal(await next(), "helpem-v1");
  await within((tx) => addCandidate(tx, "helpem", "helpem-v9"));
  await within((tx) => addCandidate(tx, "helpem", "helpem-v10"));
  for (const name of ["helpem-v", "helpem-v99x", "my-helpem-v50", "helpem-vv77", "helpem-v123456789012", "helpemXv60"])
    await within((tx) => addCandidate(tx, "helpem", name));
  assert.equal(await next(), "helpem-v11");
});

test("two models of one name cannot be, nor a kind or role that nobody knows", async () => {
  await within((tx) => addCandidate(tx, "helpem", "twice"));
  await assert.rejects(
    within((tx) => addCandidate(tx, "helpem", "twice")),
    { constraint: "model_loop_name_key" },
  );
  for (const column of ["role", "kind"])
    await assert.rejects(database.query(`update model set ${column} = 'boss'`), {
      constraint: `model_${column}_check`,
    });
});
