import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { z } from "zod";
import { type Sql, sql } from "../../src/db/sql.ts";
import { makeFullLoop } from "../store/full-loop.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let tables: { name: string; enabled: boolean; forced: boolean; partition: boolean; owner: string }[];
before(async () => {
  database = await createTestDatabase();
  await makeFullLoop(database.db, "mine");
  await makeFullLoop(database.db, "theirs");
  tables = await tablesOfLoops();
});
after(() => database.drop());

const DENIED = "42501"; // also what row-level security answers to a row that is another's
const asMine = <T>(work: (run: (query: Sql) => Promise<number>) => Promise<T>) =>
  database.db.withLoop("mine", (tx) => work((query) => tx.run(query)));
const refused = (error: { code?: string }) => error.code === DENIED;
const whole = () => tables.filter((table) => !table.partition);

// The names come from the catalogue, and identifiers cannot be parameters.
const raw = (text: string): Sql => sql(Object.assign([text], { raw: [text] }) as unknown as TemplateStringsArray);

test("every table with rows of a loop is under row-level security, enabled and forced", () => {
  assert.ok(whole().length >= 30, `${whole().length} tables`);
  const open = whole().filter((table) => !(table.enabled && table.forced));
  assert.deepEqual(
    open.map((table) => table.name),
    [],
  );
});

test("partitions cannot be reached past their parent", async () => {
  const partitions = tables.filter((table) => table.partition);
  assert.ok(partitions.length >= 8, "two defaults and three months of each");
  const rows = await database.query(
    `select name, role from unnest($1::text[]) as name, unnest(array['ratchet_app', 'ratchet_ingest']) as role
     where has_table_privilege(role, name, 'select,insert,update,delete')`,
    [partitions.map((table) => table.name)],
  );
  assert.deepEqual(rows, []);
});

test("another loop's rows are there, and cannot be read", async () => {
  for (const { name, owner } of whole()) {
    const [there] = await database.query(`select count(*)::int as rows from ${name} where ${owner} = 'theirs'`);
    assert.ok((there!.rows as number) > 0, `${name} has no row to hide: makeFullLoop must make one`);
    const seen = await database.db.withLoop("mine", (tx) =>
      tx.rows(z.object({ owner: z.string().nullable() }), raw(`select distinct ${owner} as owner from ${name}`)),
    );
    assert.deepEqual(seen, [{ owner: "mine" }], name);
  }
});

test("another loop's rows cannot be changed or removed", async () => {
  const before = await contents();
  for (const { name, owner } of whole())
    for (const statement of [
      `update ${name} set ${owner} = ${owner} where ${owner} = 'theirs'`,
      `delete from ${name} where ${owner} = 'theirs'`,
    ]) {
      const touched = await asMine((run) => run(raw(statement))).catch((error) => {
        assert.ok(refused(error), `${statement}: ${error}`);
        return 0;
      });
      assert.equal(touched, 0, statement);
    }
  assert.deepEqual(await contents(), before);
});

test("a row of another loop cannot be added, and no row can be given away", async () => {
  const before = await contents();
  for (const { name, owner } of whole()) {
    const [row] = await database.query(
      `select to_jsonb(given) as row from ${name} given where ${owner} = 'theirs' limit 1`,
    );
    const copy = sql`${raw(`insert into ${name} select * from jsonb_populate_record(null::${name}, `)}${JSON.stringify(row!.row)}::jsonb)`;
    await assert.rejects(
      asMine((run) => run(copy)),
      refused,
      `insert into ${name}`,
    );
    await assert.rejects(
      asMine((run) => run(raw(`update ${name} set ${owner} = 'theirs'`))),
      refused,
      `update ${name}`,
    );
  }
  assert.deepEqual(await contents(), before);
});

test("without a loop in force nothing is seen at all", async () => {
  const seen = await database.db.withLoop("", (tx) =>
    tx.one(z.object({ rows: z.number() }), sql`select count(*) as rows from interaction`),
  );
  assert.equal(seen.rows, 0);
});

test("history can be added to, and not rewritten, even by the loop itself", async () => {
  for (const statement of [
    "update promotion set actor = 'nobody'",
    "delete from promotion",
    "update look set verdict = '{}'",
    "delete from look",
    "update loop_settings set reason = 'another'",
    "delete from loop_settings",
    "update feedback set value = '1'",
    "update snapshot_file set sha256 = sha256",
    "delete from snapshot_example",
    "update audit set actor = 'nobody'",
    "update audit set hash = hash",
    "delete from audit",
    "delete from audit_head",
    "delete from loop",
  ])
    await assert.rejects(
      asMine((run) => run(raw(statement))),
      refused,
      statement,
    );
});

test("the application cannot change the schema, or reach a partition by its own name", async () => {
  for (const statement of [
    "create table mine (id int)",
    "alter table interaction no force row level security",
    "drop policy own_loop on interaction",
    "select * from interaction_default",
    "create role somebody",
  ])
    await assert.rejects(
      asMine((run) => run(raw(statement))),
      refused,
      statement,
    );
});

async function contents(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name } of whole()) {
    const [row] = await database.query(
      `select md5(string_agg(md5(given::text), '' order by md5(given::text))) as hash from ${name} given`,
    );
    found[name] = row!.hash;
  }
  return found;
}

// From the catalogue, so that a table that comes later is in it.
async function tablesOfLoops(): Promise<typeof tables> {
  const rows = await database.query(`
    select relation.relname as name, relation.relrowsecurity as enabled, relation.relforcerowsecurity as forced,
           relation.relispartition as partition, case relation.relname when 'loop' then 'name' else 'loop' end as owner
    from pg_class relation
    where relation.relnamespace = 'public'::regnamespace and relation.relkind in ('r', 'p')
      and (relation.relname = 'loop' or exists (
        select from information_schema.columns where table_schema = 'public' and table_name = relation.relname and column_name = 'loop'))
    order by 1`);
  return rows as typeof tables;
}
