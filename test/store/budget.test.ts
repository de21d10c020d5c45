import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { costsByMonth, reserveBudget, settleBudget } from "../../src/store/budget.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { AT, makeLoop, warmUp } from "./loop-fixture.ts";
import { orderRun } from "./ordered-run.ts";

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

const LIMITS = { perRunUsd: 10, monthlyUsd: 50 };
const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const runs = async (count: number) => {
  const found = [];
  for (let index = 0; index < count; index++) found.push(await orderRun(database.db, loop));
  return found.map((run) => run.id);
};
const reserve = (id: string, estimateUsd: number, limits = LIMITS, at = AT) =>
  within((tx) => reserveBudget(tx, loop, { id, estimateUsd, at }, limits));
const costs = () => within((tx) => costsByMonth(tx, loop));

test("what fits is reserved before it is spent, and counts from then on", async () => {
  const [id] = await runs(1);
  assert.equal(await reserve(id!, 4.5), null);
  assert.deepEqual(await costs(), [{ month: "2026-11-01", runs: 1, usd: 4.5 }]);
});

test("a run that costs more than one may is refused, with both numbers", async () => {
  const [id] = await runs(1);
  const refused = await reserve(id!, 10.01);
  assert.match(refused ?? "", /\$10\.01.*\$10\.00.*budget\.perRunUsd/);
  assert.equal(await reserve(id!, 10), null, "exactly as much as it may is allowed");
});

test("a run that the month cannot pay is refused, with what is left", async () => {
  const [first, second] = await runs(2);
  await reserve(first!, 8, { perRunUsd: 10, monthlyUsd: 12 });
  assert.match(
    (await reserve(second!, 5, { perRunUsd: 10, monthlyUsd: 12 })) ?? "",
    /\$5\.00; \$4\.00 of the month's \$12\.00 is left \(budget\.monthlyUsd\)/,
  );
  assert.equal(await reserve(second!, 4, { perRunUsd: 10, monthlyUsd: 12 }), null);
});

test("the last cent may be spent: dollars are compared as whole numbers", async () => {
  const limits = { perRunUsd: 1, monthlyUsd: 0.3 };
  const [first, second, third] = await runs(3);
  assert.equal(await reserve(first!, 0.2, limits), null);
  assert.equal(await reserve(second!, 0.1, limits), null);
  assert.match((await reserve(third!, 0.01, limits)) ?? "", /\$0\.00 of the month/);
});

test("two that race for the last dollars: one gets them", async () => {
  const ids = await runs(6);
  const answers = await Promise.all(ids.map((id) => reserve(id, 30, { perRunUsd: 40, monthlyUsd: 70 })));
  assert.equal(answers.filter((answer) => answer === null).length, 2);
  assert.deepEqual(await costs(), [{ month: "2026-11-01", runs: 2, usd: 60 }]);
});

test("a retry finds what is reserved, also when limits have become tighter, also at once", async () => {
  const [id] = await runs(1);
  const answers = await Promise.all([reserve(id!, 9), reserve(id!, 9), reserve(id!, 9)]);
  assert.deepEqual(answers, [null, null, null]);
  assert.equal(await reserve(id!, 9, { perRunUsd: 1, monthlyUsd: 1 }), null);
  assert.deepEqual(await costs(), [{ month: "2026-11-01", runs: 1, usd: 9 }]);
});

test("what was really spent takes the place of what was reserved, cheaper or dearer", async () => {
  const [cheaper, dearer, next] = await runs(3);
  await reserve(cheaper!, 10);
  await reserve(dearer!, 10);
  await within((tx) => settleBudget(tx, cheaper!, 1.234567));
  await within((tx) => settleBudget(tx, dearer!, 40));
  assert.deepEqual(await costs(), [{ month: "2026-11-01", runs: 2, usd: 41.234567 }]);
  assert.match((await reserve(next!, 9)) ?? "", /\$8\.77 of the month/);
  assert.equal(await reserve(next!, 8), null);
});

test("a month ends when it does in UTC, and the next one starts afresh", async () => {
  const [last, first] = await runs(2);
  const limits = { perRunUsd: 10, monthlyUsd: 10 };
  assert.equal(await reserve(last!, 10, limits, new Date("2026-11-30T23:59:59.999Z")), null);
  assert.equal(await reserve(first!, 10, limits, new Date("2026-12-01T00:00:00Z")), null);
  assert.deepEqual(await costs(), [
    { month: "2026-12-01", runs: 1, usd: 10 },
    { month: "2026-11-01", runs: 1, usd: 10 },
  ]);
});

test("what costs nothing fits into any budget, and what has no budget costs nothing", async () => {
  const [free, paid] = await runs(2);
  assert.equal(await reserve(free!, 0, { perRunUsd: 0, monthlyUsd: 0 }), null);
  assert.match((await reserve(paid!, 0.01, { perRunUsd: 0, monthlyUsd: 0 })) ?? "", /perRunUsd/);
});

test("another loop's spending is its own", async () => {
  const [mine] = await runs(1);
  await reserve(mine!, 10, { perRunUsd: 10, monthlyUsd: 10 });
  loop = `${loop}-other`;
  await makeLoop(database.db, loop);
  const [theirs] = await runs(1);
  assert.equal(await reserve(theirs!, 10, { perRunUsd: 10, monthlyUsd: 10 }), null);
});

test("a month without runs has no costs", async () => {
  assert.deepEqual(await costs(), []);
});
