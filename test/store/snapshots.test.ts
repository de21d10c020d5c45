import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { createCycle, endCycle } from "../../src/store/cycles.ts";
import {
  addSnapshot,
  forgetUnfinished,
  listSnapshots,
  loadSnapshot,
  snapshotFiles,
  snapshotOfCycle,
  snapshotsOfDay,
  traceExamples,
} from "../../src/store/snapshots.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { ASKED, AT, makeLoop, warmUp } from "./loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const SHA = (digit: string) => digit.repeat(64);
const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const cycle = () =>
  within(async (tx) => {
    const { id } = await createCycle(tx, loop, ASKED, { pulse: null, watermark: 3, settingsVersion: 1, asOf: AT });
    await endCycle(tx, loop, id, "failed", ASKED, AT);
    return id;
  });
const FILES = [
  { name: "validation.jsonl", sha256: SHA("b"), bytes: 20, examples: 1 },
  { name: "training.jsonl", sha256: SHA("a"), bytes: 5_000_000_000, examples: 2 },
];
const LINES = [1, 2].map((line) => ({
  file: "training.jsonl",
  line,
  interactionId: newId(),
  feedbackId: line === 1 ? newId() : null,
}));
const write = (cycleId: string, id = newId(), files = FILES, examples = LINES) =>
  within(async (tx) => {
    await traceExamples(tx, loop, id, examples);
    await addSnapshot(
      tx,
      {
        id,
        loop,
        cycle_id: cycleId,
        watermark: 3,
        seed: "s",
        manifest: { total: 3 },
        manifest_sha256: SHA("c"),
        examples: 3,
        at: AT,
      },
      files,
      examples.length,
    );
  });

test("a snapshot is written with its files and the lineage of every line", async () => {
  const cycleId = await cycle();
  const id = newId();
  await write(cycleId, id);
  const found = await within((tx) => snapshotOfCycle(tx, cycleId));
  assert.deepEqual(found, {
    id,
    loop,
    cycle_id: cycleId,
    watermark: 3,
    seed: "s",
    manifest: { total: 3 },
    manifest_sha256: SHA("c"),
    examples: 3,
    created_at: AT,
  });
  assert.deepEqual(await within((tx) => loadSnapshot(tx, loop, id)), found);
  assert.deepEqual(
    await within((tx) => snapshotFiles(tx, id)),
    FILES.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  );
  const lines = await database.query(
    "select file, line, interaction_id, feedback_id from snapshot_example where snapshot_id = $1 order by line",
    [id],
  );
  assert.deepEqual(
    lines,
    LINES.map(({ file, line, interactionId, feedbackId }) => ({
      file,
      line,
      interaction_id: interactionId,
      feedback_id: feedbackId,
    })),
  );
});

test("the same cycle writes once: a retry, and a zombie at the same moment, change nothing", async () => {
  const cycleId = await cycle();
  await Promise.all([write(cycleId), write(cycleId), write(cycleId, newId(), [], [])]);
  const first = await within((tx) => snapshotOfCycle(tx, cycleId));
  await write(cycleId);
  assert.deepEqual(await within((tx) => snapshotOfCycle(tx, cycleId)), first);
  const [rows] = await database.query("select count(*)::int as rows from snapshot where loop = $1", [loop]);
  assert.equal(rows!.rows, 1);
});

test("a file that two snapshots share is one artifact, and a deleted one that is made again is there again", async () => {
  await write(await cycle());
  await database.query("update artifact set deleted_at = now() where loop = $1", [loop]);
  await write(await cycle());
  const artifacts = await database.query("select sha256, deleted_at from artifact where loop = $1 order by 1", [loop]);
  assert.deepEqual(
    artifacts,
    [SHA("a"), SHA("b")].map((sha256) => ({ sha256, deleted_at: null })),
  );
});

test("a snapshot of many lines is one statement, and of none is one too", async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({
    file: "training.jsonl",
    line: index + 1,
    interactionId: newId(),
    feedbackId: null,
  }));
  const [big, empty] = [newId(), newId()];
  await write(await cycle(), big, FILES, many);
  await write(await cycle(), empty, [], []);
  const [rows] = await database.query("select count(*)::int as rows from snapshot_example where snapshot_id = $1", [
    big,
  ]);
  assert.equal(rows!.rows, many.length);
  assert.deepEqual(await within((tx) => snapshotFiles(tx, empty)), []);
});

test("lineage that is not all there keeps the snapshot out, and what did not come to be can be taken back", async () => {
  const cycleId = await cycle();
  const id = newId();
  const entry = {
    id,
    loop,
    cycle_id: cycleId,
    watermark: 3,
    seed: "s",
    manifest: {},
    manifest_sha256: SHA("c"),
    examples: 2,
    at: AT,
  };
  await within((tx) => traceExamples(tx, loop, id, LINES.slice(0, 1)));
  await assert.rejects(
    within((tx) => addSnapshot(tx, entry, FILES, LINES.length)),
    /the lineage of 1 of its 2 lines/,
  );
  assert.equal(await within((tx) => snapshotOfCycle(tx, cycleId)), null);
  const traced = async () =>
    (await database.query("select count(*)::int as rows from snapshot_example where snapshot_id = $1", [id]))[0]!.rows;
  assert.equal(await traced(), 1);
  await within((tx) => forgetUnfinished(tx, id));
  assert.equal(await traced(), 0);
  await write(cycleId, id);
  await within((tx) => forgetUnfinished(tx, id));
  assert.equal(await traced(), 2, "that of one which is there stays");
});

test("a day's snapshots are counted, by the day in UTC", async () => {
  await write(await cycle());
  await write(await cycle());
  const of = (at: Date) => within((tx) => snapshotsOfDay(tx, loop, at));
  assert.deepEqual([await of(AT), await of(new Date(AT.getTime() + 86_400_000))], [2, 0]);
});

test("snapshots are listed newest first, page by page; what is not there is null", async () => {
  const ids: string[] = [];
  for (let index = 0; index < 3; index++) {
    ids.unshift(newId());
    await write(await cycle(), ids[0]);
  }
  const list = (before: string | null) => within((tx) => listSnapshots(tx, loop, { before, limit: 2 }));
  assert.deepEqual(
    (await list(null)).map((row) => row.id),
    ids.slice(0, 2),
  );
  assert.deepEqual(
    (await list(ids[1]!)).map((row) => row.id),
    ids.slice(2),
  );
  assert.equal(await within((tx) => loadSnapshot(tx, loop, "none")), null);
  assert.equal(await within((tx) => snapshotOfCycle(tx, newId())), null);
});
