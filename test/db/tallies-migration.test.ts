import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { migrate } from "../../src/db/migrate.ts";
import { conclude } from "../../src/store/experiment/lifecycle.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { keptSums, recount } from "../store/feedback/recount.ts";
import { ASKED, AT, interactionOf, makeLoop, ratingOf, startExperiment } from "../store/loop-fixture.ts";
import { testDatabaseUrl } from "../support/test-servers.ts";

const NAME = `test_tallies_migration_${process.pid}`;
const MIGRATION = fileURLToPath(new URL("../../migrations/0003_tallies.sql", import.meta.url));
let server: string;
let url: string;
let direct: pg.Client;
let db: Database;
const database = {
  query: async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await direct.query(text, values)).rows,
};

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(statement);
  await client.end();
}

before(async () => {
  server = await testDatabaseUrl();
  await onServer(`create database ${NAME}`);
  url = Object.assign(new URL(server), { pathname: `/${NAME}` }).href;
  direct = new pg.Client({ connectionString: url });
  await direct.connect();
  db = openDatabase(url);
  await migrate(url);
});
after(async () => {
  await db.close();
  await direct.end();
  await onServer(`drop database ${NAME} with (force)`);
});

/** What twelve units said and rated in an experiment, each of them up to fifteen times. */
async function live(loop: string, experimentId: string): Promise<void> {
  const interactions = Array.from({ length: 90 }, (_, index) =>
    interactionOf({
      clientId: `${experimentId}-${index}`,
      unit: `unit-${index % 12 < 6 ? index % 6 : index % 12}`,
      variant: index % 2 === 0 ? "champion" : "challenger",
      counted: { experimentId, phase: "experiment", stratum: 0 },
      actionType: index % 5 === 0 ? null : "todo",
      error: index % 7 === 0 ? "failed" : null,
      costMicros: index % 3 === 0 ? null : 1000 + index,
      quality: index % 4 === 0 ? null : index / 100,
    }),
  );
  await db.withLoop(loop, (tx) => recordInteractions(tx, loop, interactions));
  const ratings = interactions.flatMap(({ clientId }, index) => [
    ratingOf(clientId!, index % 3 === 0 ? -1 : 1),
    ratingOf(clientId!, index % 4 === 0 ? 0 : "fine", { rater: "another" }),
    ratingOf(clientId!, 5, { name: "tone" }),
  ]);
  await db.withLoop(loop, (tx) => recordFeedback(tx, loop, ratings, AT));
}

test("experiments under way get every metric from what there is, and those that are over stay as they were", async () => {
  await makeLoop(db, "mine");
  await makeLoop(db, "theirs");
  const over = await startExperiment(db, "mine", "first");
  await live("mine", over.id);
  await db.withLoop("mine", (tx) => conclude(tx, "mine", over.id, { outcome: "stopped", at: AT }, ASKED));
  for (const loop of ["mine", "theirs"]) await live(loop, (await startExperiment(db, loop, "second")).id);
  for (const table of ["unit_tally", "variant_tally"]) // as the release before left it
    await database.query(`delete from ${table} where metric <> 'approval'`);
  await database.query(
    "update interaction set variant = 'challenger' where id in (select min(id::text)::uuid from interaction group by experiment_id)",
  );
  const before = await keptSums(database, "mine");

  // Today's code needs today's schema, so the migration comes once more: what it changes of the schema it finds changed.
  await direct.query(`begin; ${readFileSync(MIGRATION, "utf8")}; commit`);
  for (const loop of ["mine", "theirs"]) {
    const { units, variants } = await keptSums(database, loop);
    const expected = await recount(database, loop);
    const under = <Value>(sums: Record<string, Value>, wanted: boolean) =>
      Object.fromEntries(Object.entries(sums).filter(([key]) => key.startsWith(over.id) !== wanted));
    assert.deepEqual(under(units, true), under(expected.units, true));
    assert.deepEqual(under(variants, true), under(expected.variants, true));
    assert.ok(Object.keys(under(variants, true)).some((key) => key.endsWith("/rated/crossed/0")));
    if (loop === "mine") assert.deepEqual(under(units, false), under(before.units, false));
  }
});

test("and under row-level security again they go on being kept", async () => {
  const [open] = await database.query("select id from experiment where loop = 'mine' and status <> 'closed'");
  const more = interactionOf({
    clientId: "one more",
    unit: "unit-8",
    variant: "champion",
    counted: { experimentId: open!.id as string, phase: "experiment", stratum: 0 },
    costMicros: 7,
  });
  await db.withLoop("mine", (tx) => recordInteractions(tx, "mine", [more]));
  await db.withLoop("mine", (tx) => recordFeedback(tx, "mine", [ratingOf("one more", 1)], AT));
  const { units } = await keptSums(database, "mine");
  const expected = await recount(database, "mine");
  const ofOpen = <Value>(sums: Record<string, Value>) =>
    Object.entries(sums)
      .filter(([key]) => key.startsWith(open!.id as string))
      .sort();
  assert.deepEqual(ofOpen(units), ofOpen(expected.units));
  const forced = await database.query("select relname from pg_class where relrowsecurity and not relforcerowsecurity");
  assert.deepEqual(forced, []);
});
