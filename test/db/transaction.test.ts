import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { z } from "zod";
import { databaseFault } from "../../src/api/database-fault.ts";
import { openDatabase } from "../../src/db/database.ts";
import { sql } from "../../src/db/sql.ts";
import { Fault } from "../../src/domain/fault.ts";
import { openLine } from "../crash/line.ts";
import { faultLike, makeLoop } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, "first");
  await makeLoop(database.db, "second");
});
after(() => database.drop());

const names = z.object({ name: z.string() });
const seen = (loop: string) =>
  database.db.withLoop(loop, async (tx) =>
    (await tx.rows(names, sql`select name from loop order by name`)).map((row) => row.name),
  );
const alert = (loop: string, kind: string) => sql`
  insert into alert (id, loop, kind, words) values (gen_random_uuid(), ${loop}, ${kind}, 'said')`;
const alerts = async (kind: string) => (await database.query("select 1 from alert where kind = $1", [kind])).length;

test("a transaction for one loop sees that loop, and the one across loops sees all", async () => {
  assert.deepEqual(await seen("first"), ["first"]);
  assert.deepEqual(await seen("none-such"), []);
  const all = await database.db.acrossLoops((tx) => tx.rows(names, sql`select name from loop order by name`));
  assert.deepEqual(all, [{ name: "first" }, { name: "second" }]);
});

test("a loop's name with quotes, backslashes or commands in it is only a name", async () => {
  for (const name of [
    "'; reset role; --",
    "x', true); drop table loop; --",
    "\\'; reset role; --",
    "first\\",
    '"first"',
    "",
    "''",
    "%",
    "*",
  ])
    assert.deepEqual(await seen(name), [], name);
  assert.deepEqual(await seen("first"), ["first"]);
});

test("a name that PostgreSQL cannot even be told is a loop that is not there", async () => {
  await assert.rejects(seen("first\0"), faultLike("not_found", /no loop of that name/));
  assert.deepEqual(await seen("first"), ["first"]);
});

test("neither role can be left from inside by what is looked up, and both end with the transaction", async () => {
  const role = z.object({ role: z.string(), loop: z.string().nullable() });
  const who = sql`select current_user::text as role, loop_in_force() as loop`;
  const small = openDatabase(database.url, { max: 1 }); // one connection: what one transaction leaves, the next one finds
  try {
    assert.deepEqual(await small.withLoop("first", (tx) => tx.one(role, who)), { role: "ratchet_app", loop: "first" });
    assert.deepEqual(await small.acrossLoops((tx) => tx.one(role, who)), { role: "ratchet_ingest", loop: null });
    await assert.rejects(
      small.withLoop("first", () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.deepEqual(await small.withLoop("second", (tx) => tx.one(role, who)), {
      role: "ratchet_app",
      loop: "second",
    });
  } finally {
    await small.close();
  }
});

test("what throws is rolled back whole, and its own error comes out", async () => {
  class Ours extends Error {}
  const attempt = database.db.withLoop("first", async (tx) => {
    await tx.run(alert("first", "thrown"));
    throw new Ours("in the middle");
  });
  await assert.rejects(attempt, Ours);
  assert.equal(await alerts("thrown"), 0);
});

test("work that swallows a database error is not taken for done", async () => {
  const attempt = database.db.withLoop("first", async (tx) => {
    await tx.run(alert("first", "swallowed"));
    await tx.run(sql`select 1 / 0`).catch(() => {});
    return "done";
  });
  await assert.rejects(attempt, /rolled back/);
  assert.equal(await alerts("swallowed"), 0);
});

test("every connection comes back, whatever happens in it", async () => {
  const small = openDatabase(database.url, { max: 2 });
  try {
    for (let round = 0; round < 6; round++) {
      await assert.rejects(
        small.withLoop("first", () => Promise.reject(new Error("thrown"))),
        /thrown/,
      );
      await assert.rejects(
        small.withLoop("first", (tx) => tx.run(sql`select * from nowhere`)),
        /nowhere/,
      );
      await assert.rejects(
        small.acrossLoops((tx) => tx.one(names, sql`select name from loop where false`)),
        /none found/,
      );
      await assert.rejects(
        small.acrossLoops((tx) => tx.maybe(names, sql`select name from loop`)),
        /2 found/,
      );
      await assert.rejects(
        small.withLoop("a\0b", async () => {}),
        Fault,
      );
    }
    const both = await Promise.all(
      [1, 2].map(() => small.withLoop("first", (tx) => tx.rows(names, sql`select name from loop`))),
    );
    assert.equal(both.length, 2);
  } finally {
    await small.close();
  }
});

test("a connection that dies in the middle costs that transaction, and nothing else", async () => {
  const noted: Error[] = [];
  const small = openDatabase(database.url, { max: 1, onError: (error) => noted.push(error) });
  try {
    const attempt = small.withLoop("first", async (tx) => {
      await tx.run(alert("first", "died"));
      const { pid } = await tx.one(z.object({ pid: z.number() }), sql`select pg_backend_pid() as pid`);
      await database.query("select pg_terminate_backend($1, 5000)", [pid]);
      await new Promise((resolve) => setTimeout(resolve, 50)); // while nothing is asked: the bad news comes by itself
      await tx.run(alert("first", "died"));
    });
    await assert.rejects(attempt);
    assert.equal(await alerts("died"), 0);
    assert.deepEqual(await small.withLoop("first", (tx) => tx.rows(names, sql`select name from loop`)), [
      { name: "first" },
    ]);
  } finally {
    await small.close();
  }
});

test("a server that is not there, or has no schema, is a fault that says what to do", async () => {
  const nobody = openDatabase("postgres://nobody:secret@127.0.0.1:9/none");
  await assert.rejects(nobody.ping(), faultLike("unavailable", /does not answer/));
  await assert.rejects(
    nobody.withLoop("first", async () => {}),
    (error: Fault) => {
      assert.match(error.hint ?? "", /DATABASE_URL/);
      assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/);
      return error.code === "unavailable";
    },
  );
  await nobody.close();
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  const bare = `test_bare_${process.pid}`;
  await admin.query(`create database ${bare}`);
  const url = new URL(database.url);
  url.pathname = `/${bare}`;
  const empty = openDatabase(url.href);
  try {
    await assert.rejects(empty.ping(), (error: Fault) => /ratchet migrate/.test(error.hint ?? ""));
  } finally {
    await empty.close();
    await admin.query(`drop database ${bare} with (force)`);
    await admin.end();
  }
  await database.db.ping();
});

test("numbers come back as numbers and days as days, whatever the time zone", async () => {
  const row = z.object({ big: z.number(), day: z.string(), at: z.date(), nothing: z.null() });
  const found = await database.db.withLoop("first", (tx) =>
    tx.one(
      row,
      sql`select 9007199254740991::bigint as big, '2026-03-01'::date as day, ${new Date(0)}::timestamptz as at, ${null}::text as nothing`,
    ),
  );
  assert.deepEqual(found, { big: Number.MAX_SAFE_INTEGER, day: "2026-03-01", at: new Date(0), nothing: null });
});

test("who halts in the middle of a transaction loses it, and what it held, to those who wait", async () => {
  const impatient = openDatabase(database.url, { max: 2, mostIdleMs: 100 });
  const change = (at: string) => sql`update loop set created_at = ${at} where name = 'first'`;
  const goOn = Promise.withResolvers<void>();
  const holds = Promise.withResolvers<void>();
  try {
    const halted = impatient.withLoop("first", async (tx) => {
      await tx.run(change("2026-01-01"));
      holds.resolve();
      await goOn.promise;
    });
    await holds.promise;
    assert.equal(await database.db.withLoop("first", (tx) => tx.run(change("2026-02-02"))), 1); // waits for the lock
    goOn.resolve();
    await assert.rejects(halted);
    const [row] = await database.query(
      "select created_at = '2026-02-02'::timestamptz as kept from loop where name = 'first'",
    );
    assert.deepEqual(row, { kept: true });
    assert.equal(await impatient.withLoop("first", (tx) => tx.run(change("2026-03-03"))), 1, "the pool goes on");
  } finally {
    goOn.resolve();
    await impatient.close();
  }
});

test("a line on which nothing comes any more is given up, and the pool goes on over a new one", async () => {
  const { port, hostname } = new URL(database.url);
  const line = await openLine(Number(port));
  const url = new URL(database.url);
  url.host = `${hostname}:${line.port}`;
  const parted = openDatabase(url.href, { max: 2, mostWorkedMs: 200, unheardMs: 200 });
  const ask = () => parted.withLoop("first", (tx) => tx.one(z.object({ one: z.number() }), sql`select 1 as one`));
  try {
    await Promise.all([ask(), ask()]); // both connections are open
    line.cut();
    const lost = await Promise.allSettled([ask(), ask()]);
    for (const { status, reason } of lost as PromiseRejectedResult[]) {
      assert.equal(status, "rejected");
      assert.match(databaseFault(reason)?.message ?? "", /^the connection to the database broke$/);
    }
    assert.equal(parted.pool().total, 0, "neither is used again");
    line.heal();
    assert.deepEqual(await ask(), { one: 1 });
  } finally {
    await parted.close();
    await line.close();
  }
});

test("a statement that takes too long is given up by PostgreSQL, and its connection is used again", async () => {
  const hasty = openDatabase(database.url, { max: 1, mostWorkedMs: 100 });
  try {
    await assert.rejects(
      hasty.acrossLoops((tx) => tx.run(sql`select pg_sleep(60)`)),
      (error) => databaseFault(error)?.message === "the database took too long",
    );
    assert.equal(hasty.pool().total, 1);
    assert.equal(await hasty.acrossLoops((tx) => tx.run(sql`select 1`)), 1);
  } finally {
    await hasty.close();
  }
});

test("a database whose connections are all at work is busy, not away", async () => {
  const only = openDatabase(database.url, { max: 1 });
  try {
    const held = Promise.withResolvers<void>();
    const busy = only.acrossLoops(() => held.promise);
    await only.ping();
    held.resolve();
    await busy;
  } finally {
    await only.close();
  }
});
