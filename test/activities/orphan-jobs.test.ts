// Jobs that may be left at trainers: which of many are asked for, in which order, and when their alerts close.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { pino } from "pino";
import { cancelOrphans, openOrphan } from "../../src/activities/orphan-jobs.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { openAlerts } from "../../src/store/alerts.ts";
import type { TrainingRun } from "../../src/store/training-runs.ts";
import { inContext } from "../../src/trainers/in-context.ts";
import type { Trainer, TrainingOrder } from "../../src/trainers/trainer.ts";
import { AT, makeLoop } from "../store/loop-fixture.ts";
import { orderRun } from "../store/ordered-run.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

const SILENT = "http://silent.example/v1";
const WELL = "http://well.example/v1";
const MINUTE = 60_000;
const minutes = (count: number) => new Date(AT.getTime() + count * MINUTE);

let database: TestDatabase;
let loop: string;
let made = 0;
/** The keys that trainers were asked for, and those of which a job was cancelled. */
let asked: string[];
let cancelled: string[];
/** What a trainer that is well knows of a key. */
let jobs: readonly string[];
/** The address that does not answer. */
let silent: string | null;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  asked = [];
  cancelled = [];
  jobs = ["left"];
  silent = SILENT;
  await makeLoop(database.db, loop, modelAt(SILENT));
  await makeLoop(database.db, loop, modelAt(WELL));
});

const modelAt = (baseURL: string) => ({ model: { provider: "openai-wire", name: "base", baseURL } });

const trainer: Trainer = {
  ...inContext,
  find: async ({ key, base }: TrainingOrder) => {
    asked.push(key);
    if (base.baseURL === silent) throw new Error("no answer");
    return jobs.map((id) => ({ id }));
  },
  cancel: async ({ key }) => void cancelled.push(key),
};
const deps = () => ({
  db: database.db,
  artifacts: openArtifacts("/nowhere"), // nobody reads a file
  trainers: { "in-context": trainer, "openai-wire": trainer },
  log: pino({ level: "silent" }),
});

/** Runs whose jobs may be left, each a minute after the one before; their keys. */
async function orphansAt(address: string, count: number, from = 0): Promise<string[]> {
  const keys: string[] = [];
  for (let index = 0; index < count; index++) {
    const run: TrainingRun = await orderRun(database.db, loop, address === SILENT ? 1 : 2);
    await openOrphan(deps(), run, "did not answer", minutes(from + index));
    keys.push(run.key);
  }
  return keys;
}

/** A pulse so many minutes after the first alert: whom it asked for. */
async function pulse(at: number): Promise<string[]> {
  const before = asked.length;
  await cancelOrphans(deps(), loop, minutes(at));
  return asked.slice(before);
}

const open = async () =>
  (await database.db.withLoop(loop, (tx) => openAlerts(tx, loop))).map(({ subject }) => subject).sort();

test("trainers that do not answer hold nobody else up: one is asked once, and the next address in the same pulse", async () => {
  const lost = await orphansAt(SILENT, 7);
  const [found] = await orphansAt(WELL, 1, 7);
  assert.deepEqual(await pulse(60), [lost[0], found]);
  assert.deepEqual(cancelled, [found]);
  assert.deepEqual(await open(), lost.toSorted());
});

test("those that cannot be asked are asked for in turn, the one that waits longest first", async () => {
  const lost = await orphansAt(SILENT, 3);
  const turns: string[] = [];
  for (let at = 60; at < 65; at++) turns.push(...(await pulse(at)));
  assert.deepEqual(turns, [lost[0], lost[1], lost[2], lost[0], lost[1]]);
  silent = null;
  assert.deepEqual(await pulse(90), [lost[2], lost[0], lost[1]]);
  assert.deepEqual(await open(), []);
});

test("a pulse asks for five, and the next one for the rest", async () => {
  const left = await orphansAt(WELL, 7);
  assert.deepEqual(await pulse(60), left.slice(0, 5));
  assert.deepEqual(await pulse(61), left.slice(5));
  assert.deepEqual(await pulse(62), []);
  assert.deepEqual(cancelled, left);
});

test("a job that is not listed may arrive yet: its alert stays until that cannot be any more", async () => {
  const keys = await orphansAt(WELL, 1);
  jobs = [];
  await pulse(0.5);
  assert.deepEqual(await open(), keys);
  await pulse(1);
  assert.deepEqual(await open(), []);
  assert.deepEqual(cancelled, []);
});
