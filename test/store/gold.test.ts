import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addEvaluation, evaluationOfCycle, goldCases, listGoldCases, putGoldCases } from "../../src/store/gold.ts";
import { championOf } from "../../src/store/models.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { AT, addCandidate, hours, makeLoop, warmUp } from "./loop-fixture.ts";
import { orderRun } from "./ordered-run.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
  await makeLoop(database.db, "helpem");
});
after(() => database.drop());

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop("helpem", work);
const put = (goldSet: string, cases: { name: string; definition: unknown }[], hour = 0) =>
  within((tx) => putGoldCases(tx, "helpem", goldSet, cases, hours(hour)));
const cases = async (goldSet: string) =>
  (await within((tx) => goldCases(tx, "helpem", goldSet))).map(({ name, definition }) => [name, definition]);

test("cases are kept by name, and one of the same name is replaced, also in one go", async () => {
  assert.equal(
    await put("first", [
      { name: "b", definition: { n: 1 } },
      { name: "a", definition: { n: 2 } },
    ]),
    2,
  );
  assert.equal(
    await put(
      "first",
      [
        { name: "b", definition: { n: 3 } },
        { name: "c", definition: { n: 4 } },
        { name: "c", definition: { n: 5 } },
      ],
      1,
    ),
    3,
  );
  assert.deepEqual(await cases("first"), [
    ["a", { n: 2 }],
    ["b", { n: 3 }],
    ["c", { n: 5 }],
  ]);
  assert.equal(await put("first", []), 3);
});

test("sets are apart, and a set that nobody made is empty", async () => {
  await put("second", [{ name: "a", definition: "other" }]);
  assert.deepEqual(await cases("second"), [["a", "other"]]);
  assert.deepEqual(await cases("none"), []);
});

test("cases are listed newest first, of one set or of all, page by page", async () => {
  await put(
    "paged",
    ["x", "y", "z"].map((name) => ({ name, definition: {} })),
  );
  const list = (goldSet: string | null, before: string | null = null) =>
    within((tx) => listGoldCases(tx, "helpem", goldSet, { before, limit: 2 }));
  const first = await list("paged");
  assert.deepEqual(
    first.map((row) => row.name),
    ["z", "y"],
  );
  assert.deepEqual(
    (await list("paged", first.at(-1)!.id)).map((row) => row.name),
    ["x"],
  );
  assert.deepEqual(
    (await list(null)).map((row) => row.name),
    ["z", "y"],
  );
});

test("a cycle is evaluated once: the report on record stays, also when two come at once", async () => {
  const run = await orderRun(database.db, "helpem");
  const [candidate, champion] = await within(async (tx) => [
    await addCandidate(tx, "helpem", "v1"),
    await championOf(tx, "helpem"),
  ]);
  const evaluate = (reason: string, passed: boolean) =>
    within((tx) =>
      addEvaluation(tx, "helpem", {
        cycle_id: run.cycle_id,
        candidate_id: candidate!.id,
        champion_id: champion!.id,
        gold_set: null,
        passed,
        reason,
        report: { reason },
        at: AT,
      }),
    );
  assert.equal(await within((tx) => evaluationOfCycle(tx, run.cycle_id)), null);
  const both = await Promise.all([evaluate("first", true), evaluate("second", false)]);
  assert.deepEqual(both.map((one) => one.isNew).sort(), [false, true]);
  const kept = await within((tx) => evaluationOfCycle(tx, run.cycle_id));
  for (const one of both) assert.deepEqual({ ...kept, isNew: one.isNew }, one);
  assert.deepEqual(await evaluate("third", false), { ...kept, isNew: false });
});
