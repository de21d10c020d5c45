import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { sql } from "../../src/db/sql.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { interactionOf, makeLoop, ratingOf } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, "helpem");
});
after(() => database.drop());

const ensure = (asOf: string, months: number) =>
  database.db.withLoop("helpem", async (tx) => {
    const row = z.object({ done: z.boolean() });
    return (await tx.one(row, sql`select ensure_partitions(${asOf}::timestamptz, ${months}::integer) as done`)).done;
  });
const partitions = async () =>
  (await database.query("select relname from pg_class where relispartition and relkind = 'r' order by 1")).map(
    (row) => row.relname as string,
  );
const add = (text: string) =>
  database.db.withLoop("helpem", (tx) =>
    recordInteractions(tx, "helpem", [interactionOf({ messages: [{ role: "user", content: text }] })]),
  );
/** A row as if it had come in that instant, whatever partition that is. */
const addAt = (instant: string) =>
  database.query(
    `insert into interaction (id, loop, at, model_name, variant, messages)
     select (substr(uuid_floor($1)::text, 1, 15) || substr(gen_random_uuid()::text, 16))::uuid, 'helpem', $1, 'm', 'champion', '[]'
     returning id, tableoid::regclass::text as partition`,
    [instant],
  );

test("the application makes the months ahead, of all three tables, and repeating it changes nothing", async () => {
  const before = await partitions();
  assert.equal(await ensure("2031-11-15T00:00:00Z", 2), true);
  const added = (await partitions()).filter((name) => !before.includes(name));
  const months = ["2031_11", "2031_12", "2032_01"];
  assert.deepEqual(
    added,
    ["feedback", "interaction", "prepared"].flatMap((table) => months.map((month) => `${table}_${month}`)),
  );
  assert.equal(await ensure("2031-11-15T00:00:00Z", 2), true);
  assert.equal((await partitions()).length, before.length + 9);
});

test("months are UTC's, also at their borders, and do not overlap", async () => {
  await ensure("2033-02-28T23:59:59.999Z", 1);
  const [last] = await addAt("2033-02-28T23:59:59.999Z");
  const [first] = await addAt("2033-03-01T00:00:00.000Z");
  assert.equal(last!.partition, "interaction_2033_02");
  assert.equal(first!.partition, "interaction_2033_03");
});

test("what came before its month was made moves into it, and nothing is lost", async () => {
  const strays = await Promise.all(["2035-05-01T00:00:00Z", "2035-05-17T12:00:00Z", "2035-05-31T23:59:59Z"].map(addAt));
  const [beyond] = await addAt("2035-06-01T00:00:00Z");
  assert.ok([...strays.flat(), beyond!].every((row) => row.partition === "interaction_default"));
  assert.equal(await ensure("2035-05-02T00:00:00Z", 0), true);
  const where = await database.query(
    "select id, tableoid::regclass::text as partition from interaction where id = any($1::uuid[])",
    [[...strays.flat(), beyond!].map((row) => row.id)],
  );
  assert.deepEqual(
    where.map((row) => row.partition).sort(),
    ["interaction_2035_05", "interaction_2035_05", "interaction_2035_05", "interaction_default"].sort(),
  );
});

test("moved rows keep every column and are still found by their keys", async () => {
  const [stray] = await addAt("2036-01-10T00:00:00Z");
  await database.query("update interaction set metadata = '{\"kept\": true}', quality = 0.5 where id = $1", [
    stray!.id,
  ]);
  const read = () => database.query("select to_jsonb(interaction) as row from interaction where id = $1", [stray!.id]);
  const before = await read();
  await ensure("2036-01-01T00:00:00Z", 0);
  assert.deepEqual(await read(), before);
});

test("new months may be made while people write, by several at once: nobody is in anybody's way", async () => {
  let over = false;
  const writers = [1, 2, 3].map(async (writer) => {
    let written = 0;
    for (; !over || written < 10; written++) {
      const [id] = await add(`writer ${writer}`);
      await database.db.withLoop("helpem", (tx) => recordFeedback(tx, "helpem", [ratingOf(id!, 1)], new Date()));
    }
    return written;
  });
  const makers = [0, 1, 2].map(async (maker) => {
    for (let year = 2040; year < 2046; year++)
      while (!(await ensure(`${year}-0${1 + maker}-01T00:00:00Z`, 3))) await new Promise(setImmediate);
  });
  await Promise.all(makers).finally(() => {
    over = true;
  });
  const written = (await Promise.all(writers)).reduce((sum, count) => sum + count);
  const [kept] = await database.query(
    "select count(*)::int as rows from interaction where messages::text like '%writer%'",
  );
  const [rated] = await database.query("select sum(up)::int as up from feedback_rollup");
  assert.deepEqual([kept!.rows, rated!.up], [written, written]);
  assert.equal((await partitions()).filter((name) => /^feedback_204[0-5]/.test(name)).length, 36);
});

test("while a table is busy it gives way at once, instead of making everybody wait", async () => {
  const before = await partitions();
  await database.db.acrossLoops(async (tx) => {
    await tx.rows(z.unknown(), sql`select 1 from interaction limit 1`); // a reader in the middle of its transaction
    assert.equal(await ensure("2050-01-01T00:00:00Z", 1), false);
  });
  assert.deepEqual(await partitions(), before, "half of it would be worse than none");
  assert.equal(await ensure("2050-01-01T00:00:00Z", 1), true);
});

test("a look-up by id reads one partition, by one id or by several", async () => {
  const [id] = await add("to be found");
  const [here] = await database.query("select tableoid::regclass::text as partition from interaction where id = $1", [
    id,
  ]);
  const plan = z.object({ "QUERY PLAN": z.unknown() });
  for (const query of [
    sql`explain (format json) select * from interaction where id = ${id}`,
    sql`explain (format json) select * from interaction where id = any(${[id]}::uuid[])`,
    sql`explain (format json) select * from interaction where loop = 'helpem' and id >= ${id}::uuid and id < uuid_floor(now() + interval '1 second')`,
  ]) {
    const rows = await database.db.withLoop("helpem", (tx) => tx.rows(plan, query));
    const read = [...JSON.stringify(rows).matchAll(/"Relation Name":"(\w+)"/g)].map((match) => match[1]);
    assert.deepEqual(read, [here!.partition]);
  }
});
