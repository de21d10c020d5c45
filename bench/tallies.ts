// What the tallies cost as answers and ratings arrive, beside recording the same in no experiment; and that a look reads them
// in the same time whether a thousand units are in them or a million.

import { z } from "zod";
import type { Database, Transaction } from "../src/db/database.ts";
import { sql } from "../src/db/sql.ts";
import { readChanges } from "../src/store/experiment/changes.ts";
import { rebuildTallies } from "../src/store/experiment/rebuild-tallies.ts";
import { readCrossed, readTallies } from "../src/store/experiment/tallies.ts";
import { recordFeedback } from "../src/store/feedback/record.ts";
import { recordInteractions } from "../src/store/interactions.ts";
import { AT, interactionOf, makeLoop, ratingOf, startExperiment, warmUp } from "../test/store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../test/support/test-database.ts";
import type { BenchmarkReport, BenchmarkRow } from "./benchmark.ts";

const LOOP = "bench";
const EVENTS = 100;
const ROUNDS = 3;
const UNITS = [1_000, 100_000, 1_000_000];
/** A look among a million units may take so many times as long as among a thousand. */
const LIMIT = 2;

export async function run(): Promise<BenchmarkReport> {
  const database = await createTestDatabase();
  try {
    await warmUp(database.db);
    await makeLoop(database.db, LOOP);
    const { id } = await startExperiment(database.db, LOOP, "candidate");
    const frozen = { slowAbove: 5000, metrics: [] };
    await database.query("update experiment set parameters = parameters || $1 where id = $2", [frozen, id]);
    const arriving = [...(await arrivals(database.db, id, 1)), ...(await arrivals(database.db, id, 8))];
    const { rows, slowest } = await looks(database, id);
    return {
      benchmark: "tallies",
      against: "the same events in no experiment; for looks, a look at a thousand units",
      rows: [...arriving, ...rows],
      limits: [
        {
          limit: `a look takes the same time at any number of units (at most ${LIMIT} times; it was ${slowest.toFixed(2)})`,
          holds: slowest < LIMIT,
        },
      ],
    };
  } finally {
    await database.drop();
  }
}

/** An interaction and its rating, each in a transaction of its own, by so many writers at once; 1,000 units. In turns, so that a busy moment meets both. */
async function arrivals(db: Database, experimentId: string, writers: number): Promise<BenchmarkRow[]> {
  const times = { none: [] as number[], counted: [] as number[] };
  let unit = 0;
  const event = async (counts: boolean) => {
    const number = unit++ % 1000;
    const interaction = interactionOf({
      unit: `unit-${number}`,
      variant: number % 10 === 0 ? "challenger" : "champion",
      counted: counts ? { experimentId, phase: "experiment", stratum: 0 } : null,
      costMicros: 300,
      quality: 0.5,
    });
    const [id] = await db.withLoop(LOOP, (tx) => recordInteractions(tx, LOOP, [interaction]));
    await db.withLoop(LOOP, (tx) => recordFeedback(tx, LOOP, [ratingOf(id!, 1)], AT));
  };
  for (let round = 0; round <= ROUNDS; round++)
    for (const kind of ["none", "counted"] as const) {
      let left = EVENTS;
      const started = process.hrtime.bigint();
      const writer = async () => {
        while (left-- > 0) await event(kind === "counted");
      };
      await Promise.all(Array.from({ length: writers }, writer));
      if (round > 0) times[kind].push(Number(process.hrtime.bigint() - started) / EVENTS); // the first warms up
    }
  const peer = median(times.none);
  const row = (subject: string, nanoseconds: number) => ({
    case: `interaction and rating, ${writers} at once`,
    subject: `${subject} (${(1e9 / nanoseconds).toFixed(0)} a second)`,
    nanoseconds,
    ratio: nanoseconds / peer,
  });
  return [row("in no experiment", peer), row("in an experiment, 7 metrics", median(times.counted))];
}

/** Fills the tallies up to each number of units, as if each had rated, and looks. */
async function looks(database: TestDatabase, experimentId: string): Promise<{ rows: BenchmarkRow[]; slowest: number }> {
  const times: { units: number; nanoseconds: number; changes: number }[] = [];
  for (const units of UNITS) {
    await fill(database, experimentId, units);
    const nanoseconds = await timed(database.db, async (tx) => {
      const tallies = await readTallies(tx, experimentId, "experiment");
      const { units: found } = await readCrossed(tx, experimentId, "experiment");
      if (tallies.length < 10 || found !== units) throw new Error(`${tallies.length} tallies of ${found} units`);
    });
    const changes = await timed(database.db, (tx) => readChanges(tx, experimentId));
    times.push({ units, nanoseconds, changes });
  }
  const rebuilding = await timed(database.db, (tx) => rebuildTallies(tx, LOOP, experimentId), 2);
  const [least] = times;
  const rows = times.flatMap(({ units, nanoseconds, changes }) => [
    { case: `${units} units`, subject: "look: tallies", nanoseconds, ratio: nanoseconds / least!.nanoseconds },
    { case: `${units} units`, subject: "look: changes", nanoseconds: changes, ratio: changes / least!.changes },
  ]);
  const [said] = await database.query(
    "select count(*)::int as counted from interaction where experiment_id is not null",
  );
  const rebuilt = { case: `${said!.counted} interactions`, subject: "built anew", nanoseconds: rebuilding };
  return {
    rows: [...rows, { ...rebuilt, ratio: rebuilding / least!.nanoseconds }],
    slowest: Math.max(...times.map(({ nanoseconds }) => nanoseconds / least!.nanoseconds)),
  };
}

/** A row for each unit, and what the sums of them come to; without asking for each whether its experiment is there. */
async function fill({ query }: TestDatabase, experimentId: string, units: number): Promise<void> {
  await query(`
    set session_replication_role = replica;
    delete from unit_tally where metric = 'rated';
    insert into unit_tally (loop, experiment_id, phase, metric, unit, variant, stratum, y_micros, k)
    select '${LOOP}', '${experimentId}', 'experiment', 'rated', lpad(number::text, 7, '0'), case when number % 10 = 0 then 'challenger' else 'champion' end, 0, 1000000, 1
    from generate_series(1, ${units}) as number;
    delete from variant_tally where metric = 'rated';
    insert into variant_tally (loop, experiment_id, phase, metric, variant, stratum, users, sum_y, sum_k, sum_yy, sum_yk, sum_kk)
    select '${LOOP}', '${experimentId}', 'experiment', 'rated', variant, 0, count(*), count(*), count(*), count(*), count(*), count(*)
    from unit_tally where metric = 'rated' group by variant;
    reset session_replication_role`);
  await query("vacuum analyze variant_tally");
}

async function timed(db: Database, work: (tx: Transaction) => Promise<unknown>, rounds = 15): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++)
    await db.withLoop(LOOP, async (tx) => {
      await tx.one(z.object({ there: z.number() }), sql`select 1 as there`); // begun, and not only announced
      const started = process.hrtime.bigint();
      await work(tx);
      times.push(Number(process.hrtime.bigint() - started));
    });
  return median(times);
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
