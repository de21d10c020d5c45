import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { openDatabase } from "../../src/db/database.ts";
import { migrate } from "../../src/db/migrate.ts";
import { Fault } from "../../src/domain/fault.ts";
import { collect } from "../../src/store/collect.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { AT, faultLike, interactionOf, makeLoop, ratingOf } from "../store/loop-fixture.ts";
import { testDatabaseUrl } from "../support/test-servers.ts";

const made: string[] = [];
let server: string;
let admin: pg.Client;
before(async () => {
  server = await testDatabaseUrl();
  admin = new pg.Client({ connectionString: server });
  await admin.connect();
});
after(async () => {
  for (const name of made) await admin.query(`drop database if exists ${name} with (force)`);
  await admin.end();
});

/** An empty database; its URL. */
async function emptyDatabase(owner?: { name: string; password: string }): Promise<string> {
  const name = `test_migrate_${process.pid}_${made.length}`;
  await admin.query(`create database ${name}${owner === undefined ? "" : ` owner ${owner.name}`}`);
  made.push(name);
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (owner !== undefined) Object.assign(url, { username: owner.name, password: owner.password });
  return url.href;
}

async function tables(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "select count(*)::int as tables from pg_tables where schemaname = 'public' and tablename <> 'migration'",
  );
  await client.end();
  return rows[0].tables;
}

/** A loop can be made there, spoken to, rated, and its pulse finds both. */
async function serves(url: string): Promise<void> {
  const db = openDatabase(url);
  try {
    await db.ping();
    assert.equal((await makeLoop(db, "helpem")).created, true);
    const [id] = await db.withLoop("helpem", (tx) => recordInteractions(tx, "helpem", [interactionOf()]));
    await db.withLoop("helpem", (tx) => recordFeedback(tx, "helpem", [ratingOf(id!, 1)], AT));
    const found = await collect(db, "helpem", AT);
    assert.deepEqual(found, { number: 1, interactions: 1, feedback: 1 });
  } finally {
    await db.close();
  }
}

test("a fresh database gets the schema, and doing it again changes nothing", async () => {
  const url = await emptyDatabase();
  const first = await migrate(url);
  assert.ok(first.includes("0001_the_loop"), `${first}`);
  await serves(url);
  const before = await tables(url);
  assert.deepEqual(await migrate(url), []);
  assert.equal(await tables(url), before);
});

test("four that start at once apply it once between them", async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url)));
  assert.equal(applied.filter((names) => names.length > 0).length, 1);
  await serves(url);
});

test("databases on one server share the roles, and may be made at the same time", async () => {
  const urls = [await emptyDatabase(), await emptyDatabase(), await emptyDatabase()];
  await Promise.all(urls.map((url) => migrate(url)));
  for (const url of urls) await serves(url);
});

test("a database that is not there is told apart from a server that is not", async () => {
  const url = new URL(server);
  url.pathname = "/test_nobody_made_it";
  const says = (error: unknown) =>
    error instanceof Fault &&
    /PostgreSQL answers, but .*does not exist/.test(error.message) &&
    /createdb/.test(error.hint ?? "");
  await assert.rejects(migrate(url.href), says);
  const db = openDatabase(url.href);
  await assert.rejects(db.ping(), says);
  await db.close();
});

test("an owner who is no superuser can migrate and serve, once given the roles as the hint says", async () => {
  const owner = { name: `test_plain_${process.pid}`, password: "plain" };
  await admin.query(`create role ${owner.name} login password '${owner.password}'`);
  try {
    const url = await emptyDatabase(owner);
    await assert.rejects(
      migrate(url),
      (error) =>
        error instanceof Fault &&
        /may not create the roles/.test(error.message) &&
        /as a superuser/.test(error.hint ?? ""),
    );
    assert.equal(await tables(url), 0, "nothing is left of the attempt");
    await admin.query(`grant ratchet_app, ratchet_ingest to ${owner.name}`);
    assert.ok((await migrate(url)).length > 0);
    await serves(url);
  } finally {
    const name = made.pop();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`drop role ${owner.name}`);
  }
});

test("a server that is not there is a fault that says what to do", async () => {
  await assert.rejects(migrate("postgres://nobody@127.0.0.1:9/none"), faultLike("unavailable", /does not answer/));
});
