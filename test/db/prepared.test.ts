import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { prepared, sql, textOf } from "../../src/db/sql.ts";
import { makeLoop } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let db: Database;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, "first");
  await makeLoop(database.db, "second");
  db = openDatabase(database.url, { max: 1 }); // one connection: what is planned for one is at hand for the next
});
after(async () => {
  await db.close();
  await database.drop();
});

const name = z.object({ name: z.string() });
const names = prepared(sql`select name from loop where name <> ${"nobody"} order by name`);

test("a statement that is planned once still sees the loop that it is run for, and no other", async () => {
  for (let round = 0; round < 8; round++) {
    for (const loop of ["first", "second"])
      assert.deepEqual(await db.withLoop(loop, (tx) => tx.rows(name, names)), [{ name: loop }]);
    assert.equal((await db.acrossLoops((tx) => tx.rows(name, names))).length, 2);
  }
});

test("it is one statement on its connection, however often it is run and with which values", async () => {
  const count = z.object({ count: z.number() });
  const add = (value: number) => prepared(sql`select 1 + ${value}::int as count`);
  await db.acrossLoops(async (tx) => {
    for (const value of [1, 2, 3]) assert.deepEqual(await tx.one(count, add(value)), { count: 1 + value });
    const text = textOf(add(0));
    const kept = await tx.one(
      count,
      sql`select count(*) as count from pg_prepared_statements where statement = ${text}`,
    );
    assert.equal(kept.count, 1);
    await tx.one(count, sql`select 2 + ${2}::int as count`);
    assert.equal(
      (await tx.one(count, sql`select count(*) as count from pg_prepared_statements where statement like 'select 2%'`))
        .count,
      0,
    );
  });
});

test("within another piece it is only its text", async () => {
  const inner = prepared(sql`select ${"first"} as name`);
  const outer = sql`select name from (${inner}) as inner_piece`;
  assert.equal(outer.prepared, undefined);
  assert.deepEqual(await db.acrossLoops((tx) => tx.rows(name, outer)), [{ name: "first" }]);
});

test("a plan goes on when a migration adds a column to its table", async () => {
  await database.query("alter table loop add column later text");
  assert.deepEqual(await db.withLoop("first", (tx) => tx.rows(name, names)), [{ name: "first" }]);
});
