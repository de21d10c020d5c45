// An operator's recount: what it finds wrong, what it replaces, and what it leaves alone.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { compareTallies } from "../../../src/store/experiment/compare-tallies.ts";
import { conclude } from "../../../src/store/experiment/lifecycle.ts";
import { listLooks } from "../../../src/store/experiment/looks.ts";
import { recount } from "../../../src/store/experiment/recount.ts";
import { type Experiment, loadExperiment } from "../../../src/store/experiment/row.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { keptSums } from "../feedback/recount.ts";
import {
  ASKED,
  AT,
  faultLike,
  HOLD,
  hours,
  interactionOf,
  look,
  makeLoop,
  ratingOf,
  startExperiment,
} from "../loop-fixture.ts";
import { smallCrowd } from "./small-crowd.ts";

let database: TestDatabase;
let loop: string;
let begun: Experiment;
let answers: string[];
let made = 0;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`;
  await makeLoop(database.db, loop);
  begun = await startExperiment(database.db, loop, "candidate");
  answers = await smallCrowd(database.db, loop, begun.id);
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const compared = () => within((tx) => compareTallies(tx, loop, begun.id));
const recounted = (id = begun.id) => within((tx) => recount(tx, loop, id, ASKED, hours(1)));
const RIGHT = { tallies: 8, wrong: [], wrongUnits: 0 };

/** As after a mistake: two users too few, a tally gone and one too many, and a user whose own totals are off. */
async function spoil(): Promise<void> {
  const of = (metric: string, variant: string) => [begun.id, metric, variant];
  const which = "where experiment_id = $1 and metric = $2 and variant = $3";
  await database.query(`update variant_tally set users = users - 2 ${which}`, of("approval", "challenger"));
  await database.query(`delete from variant_tally ${which}`, of("error", "champion"));
  await database.query(
    `insert into variant_tally select loop, experiment_id, 'probation', 'cost', 'nobody', 7, 1, 2, 3, 4, 6, 9 from variant_tally ${which}`,
    of("approval", "challenger"),
  );
  await database.query(`update unit_tally set k = k + 1 ${which} and unit = 'champion 4'`, of("rated", "champion"));
}

test("tallies that are right are found so and left alone; the audit says that somebody asked", async () => {
  const versions = () =>
    database.query(
      "select xmin, metric, variant as name from variant_tally where loop = $1 union all select xmin, metric, unit from unit_tally where loop = $1 order by 2, 3",
      [loop],
    );
  const before = await versions();
  assert.deepEqual(await compared(), RIGHT);
  assert.deepEqual(await recounted(), RIGHT);
  assert.deepEqual(await versions(), before, "no row was written again");
  const [entry] = await database.query(
    "select actor, reason, action, payload from audit where subject = $1 order by sequence desc limit 1",
    [`experiment/${begun.id}`],
  );
  assert.deepEqual(entry, { ...ASKED, action: "experiment.recount", payload: RIGHT });
});

test("sums of nothing but withdrawn ratings are no tally, and nothing wrong", async () => {
  await within((tx) =>
    recordFeedback(
      tx,
      loop,
      answers.map((id) => ratingOf(id, null)),
      AT,
    ),
  );
  assert.deepEqual(await compared(), { ...RIGHT, tallies: 4 });
});

test("what is wrong is told number by number and replaced, and is on record afterwards", async () => {
  const kept = await keptSums(database, loop);
  await spoil();
  const spoilt = await keptSums(database, loop);
  const found = await compared();
  assert.deepEqual(await keptSums(database, loop), spoilt, "who only compares changes nothing");
  assert.deepEqual(
    found.wrong.map(({ kept, counted, ...where }) => ({ ...where, users: [kept.users, counted.users] })),
    [
      { phase: "experiment", metric: "approval", variant: "challenger", stratum: 0, users: [1, 3] },
      { phase: "experiment", metric: "error", variant: "champion", stratum: 0, users: [0, 5] },
      { phase: "probation", metric: "cost", variant: "nobody", stratum: 7, users: [1, 0] },
    ],
  );
  assert.deepEqual([found.tallies, found.wrongUnits], [9, 1]);
  assert.deepEqual(found.wrong[1]!.counted, { users: 5, sumY: 0, sumK: 10, sumYY: 0, sumYK: 0, sumKK: 20 });

  assert.deepEqual(await recounted(), found);
  assert.deepEqual(await keptSums(database, loop), kept);
  const [entry] = await database.query("select payload from audit where loop = $1 order by sequence desc limit 1", [
    loop,
  ]);
  assert.deepEqual(entry!.payload, found);
  assert.deepEqual(await recounted(), RIGHT);
});

test("a user's own totals alone are replaced too, before the next rating goes wrong by them", async () => {
  await database.query("update unit_tally set y_micros = y_micros + 1 where loop = $1 and unit = 'champion 1'", [loop]);
  assert.deepEqual(await recounted(), { ...RIGHT, wrongUnits: 1 });
  assert.deepEqual(await compared(), RIGHT);
});

test("a closed experiment is counted afresh, and its looks and its outcome stay as they were", async () => {
  await within((tx) => look(tx, begun, 1, HOLD));
  await within((tx) => conclude(tx, loop, begun.id, { outcome: "stopped", at: hours(1) }, ASKED));
  const closed = () =>
    within(async (tx) => [await loadExperiment(tx, loop, begun.id), await listLooks(tx, begun.id)] as const);
  const before = await closed();
  await spoil();
  assert.equal((await recounted()).wrong.length, 3);
  assert.deepEqual(await compared(), RIGHT);
  assert.deepEqual(await closed(), before);
});

test("a comparison waits for nobody who is recording, and does not take for wrong what is only under way", async () => {
  const unit = { unit: "late", counted: { experimentId: begun.id, phase: "experiment", stratum: 0 } } as const;
  await within(async (tx) => {
    await recordInteractions(tx, loop, [interactionOf(unit)]);
    assert.deepEqual(await compared(), RIGHT); // on another connection, while this one holds the rows
  });
  assert.deepEqual(await compared(), RIGHT);
});

test("an experiment of another loop is none that could be counted", async () => {
  await makeLoop(database.db, `${loop}-other`);
  const { id } = await startExperiment(database.db, `${loop}-other`, "candidate");
  await assert.rejects(recounted(id), faultLike("not_found", /has no experiment/));
});
