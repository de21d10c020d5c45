// Making a snapshot takes long: what comes of it when the cycle is cancelled, or ended, or served by another in the middle.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { CancelledFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { type Generated, generateActivities } from "../../src/activities/generate.ts";
import { recipeFrom } from "../../src/activities/prepare.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import type { Database } from "../../src/db/database.ts";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { cancelCycle } from "../../src/store/cancel-cycle.ts";
import { collect } from "../../src/store/collect.ts";
import { createCycle, enterStage, loadCycle } from "../../src/store/cycles.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { createTrainers } from "../../src/trainers/registry.ts";
import { ASKED, AT, faultLike, hours, interactionOf, makeLoop, ratingOf } from "../store/loop-fixture.ts";
import { prepareUpTo } from "../store/prepare-up-to.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

const NO_PROVIDERS = { "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } };

let database: TestDatabase;
let folder: string;
let loop: string;
let cycleId: string;
let said: string[];
let made = 0;
before(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "ratchet-generate-"));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database?.drop();
});
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  said = [];
  const { db } = database;
  await makeLoop(db, loop, { snapshot: { validationShare: 0 } });
  await within(async (tx) => {
    const spoken = Array.from({ length: 20 }, (_, index) =>
      interactionOf({ messages: [{ role: "user", content: `wake me at ${index}` }] }),
    );
    const ids = await recordInteractions(tx, loop, spoken);
    const ratings = ids.map((id) => ratingOf(id, 1));
    await recordFeedback(tx, loop, ratings, AT);
  });
  const { number: watermark } = await collect(db, loop, AT);
  await prepareUpTo(db, loop, watermark, { recipe: recipeFrom(parseLoopSettings({ name: loop })) });
  const from = { pulse: null, watermark, settingsVersion: 1, asOf: AT };
  cycleId = (await within((tx) => createCycle(tx, loop, ASKED, from))).id;
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);

/** An attempt that is held when it has read rows: after the transaction that opens its stage, that of its options, and one that reads. */
function heldAttempt() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  let transactions = 0;
  const db: Database = {
    ...database.db,
    async withLoop(name, work) {
      const result = await database.db.withLoop(name, work);
      if (++transactions === 3) {
        arrive();
        await opened;
      }
      return result;
    },
  };
  const environment = new MockActivityEnvironment();
  const result = attempt(environment, db);
  return { environment, arrived, open, result };
}

function attempt(environment = new MockActivityEnvironment(), db = database.db): Promise<Generated> {
  const log = pino({ level: "info" }, { write: (line: string) => void said.push(JSON.parse(line).event) });
  const deps = { db, artifacts: openArtifacts(folder), trainers: createTrainers(createProviders(NO_PROVIDERS)) };
  const { generate } = generateActivities({ ...deps, codeVersion: "test", log });
  return environment.run(() => generate({ loop, cycleId }));
}

const snapshots = () => database.query("select id from snapshot where cycle_id = $1", [cycleId]);
const lineage = async () =>
  (await database.query("select count(*)::int as rows from snapshot_example where loop = $1", [loop]))[0]!.rows;
const files = () => readdirSync(folder).filter((name) => name === loop);

test("left alone it is made, and said", async () => {
  const { kind } = await attempt();
  assert.equal(kind, "built");
  assert.deepEqual([(await snapshots()).length, files().length, said], [1, 1, ["training_data_logged"]]);
});

test("cancelled while rows are read, it stops there: no file, no snapshot, nothing said", async () => {
  const { environment, arrived, open, result } = heldAttempt();
  await arrived;
  environment.cancel();
  open();
  await assert.rejects(result, CancelledFailure);
  assert.deepEqual([await snapshots(), files(), said], [[], [], []]);
});

test("a cycle that ends while rows are read, unheard of, gets no snapshot, and nothing is said", async () => {
  const { arrived, open, result } = heldAttempt();
  await arrived;
  await within((tx) => cancelCycle(tx, loop, cycleId, ASKED, hours(1)));
  open();
  await assert.rejects(result, faultLike("conflict", /is over: cancelled/));
  assert.deepEqual([await snapshots(), files(), await lineage(), said], [[], [], 0, []]);
});

test("one that is late, when another has made the snapshot and the cycle has gone on, changes nothing", async () => {
  const { arrived, open, result } = heldAttempt();
  await arrived;
  const quicker = await attempt();
  await within((tx) => enterStage(tx, loop, cycleId, "train"));
  open();
  const late = await result;
  assert.equal(await lineage(), 20, "of the quicker one alone");
  assert.ok(late.kind === "built" && quicker.kind === "built");
  assert.equal(late.snapshotId, quicker.snapshotId);
  assert.equal((await snapshots()).length, 1);
  assert.equal((await within((tx) => loadCycle(tx, loop, cycleId))).stage, "train");
});

test("what is not all prepared by its recipe is not made a snapshot of", async () => {
  await database.query("update preparation set pulse = 0 where loop = $1 and stream = 'feedback'", [loop]);
  assert.deepEqual(await attempt(), { kind: "unprepared" });
  assert.deepEqual([await snapshots(), files()], [[], []]);
});
