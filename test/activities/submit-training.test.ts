// Submitting, with a trainer of the test's own: what is on record when a request leaves, and who of several sends it.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { ApplicationFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { submittingActivities } from "../../src/activities/submit-training.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { newId } from "../../src/domain/id.ts";
import { openAlerts } from "../../src/store/alerts.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { intendRun, runOfCycle, runStatus, type TrainingRun } from "../../src/store/training-runs.ts";
import { inContext } from "../../src/trainers/in-context.ts";
import type { Trainer } from "../../src/trainers/trainer.ts";
import { ASKED, AT, makeLoop } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let run: TrainingRun;
/** What the trainer was asked to submit and to cancel. */
let submitted: number;
let cancelled: string[];
before(async () => {
  database = await createTestDatabase();
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  submitted = 0;
  cancelled = [];
  await makeLoop(database.db, loop, { training: { trainer: "openai-wire" } });
  run = await within(async (tx) => {
    const { id: cycleId } = await createCycle(tx, loop, ASKED, {
      pulse: null,
      watermark: 0,
      settingsVersion: 1,
      asOf: AT,
    });
    const file = { sha256: "0".repeat(64), bytes: 1, examples: 1 };
    const files = ["training", "examples"].map((role) => ({ ...file, role, name: `${role}.jsonl` }));
    const id = newId();
    const snapshot = { id, loop, cycle_id: cycleId, watermark: 0, seed: "1", examples: 1, at: AT };
    await addSnapshot(tx, { ...snapshot, manifest: { files }, manifest_sha256: "0".repeat(64) }, [], []);
    const intent = { id: newId(), loop, cycleId, attempt: 1, snapshotId: id, trainer: "openai-wire", at: AT } as const;
    return intendRun(tx, intent);
  });
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const now = async () => (await within((tx) => runOfCycle(tx, run.cycle_id, 1)))!;

/** Submits once, at a trainer that knows no job and takes every one, but for what is `changed` in it. */
function submit(asOf: number, changed: Partial<Trainer> = {}) {
  const trainer: Trainer = {
    ...inContext,
    find: async () => [],
    submit: async () => ({ id: `job-${++submitted}` }),
    cancel: async (_, job) => void cancelled.push(job.id),
    ...changed,
  };
  const { submitTraining } = submittingActivities({
    db: database.db,
    artifacts: openArtifacts("/nowhere"), // this trainer reads no file
    trainers: { "in-context": trainer, "openai-wire": trainer },
    log: pino({ level: "silent" }),
  });
  return new MockActivityEnvironment().run(() => submitTraining({ loop, cycleId: run.cycle_id, attempt: 1, asOf }));
}

const isUnsure = (error: unknown) => error instanceof ApplicationFailure && error.type === "TrainingUnsure";

test("a submission has left when it leaves, however long ago it was asked for", async () => {
  const before = Date.now();
  await submit(before - 3_600_000);
  const { sent_at: sent, job_id: job } = await now();
  assert.equal(job, "job-1");
  assert.ok(sent!.getTime() >= before, `on record is that it left at ${sent?.toISOString()}`);
});

test("where the workflow's clock is ahead of ours, a submission leaves by that clock", async () => {
  const ahead = Date.now() + 3_600_000;
  await submit(ahead);
  assert.equal((await now()).sent_at!.getTime(), ahead);
});

test("of two that look at the same moment and find no job, one submits, and the other is not sure", async () => {
  const { promise: both, resolve } = Promise.withResolvers<void>();
  let looking = 0;
  const find = async () => {
    if (++looking === 2) resolve();
    await both;
    return [];
  };
  // Asked for long after each other: so that the clock alone does not keep the later one from sending.
  const ends = await Promise.allSettled([submit(Date.now(), { find }), submit(Date.now() + 60_000, { find })]);
  assert.equal(submitted, 1);
  const [refused] = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  assert.ok(isUnsure(refused), String(refused));
});

test("a submission that left a moment ago is not repeated, though it was asked for long before", async () => {
  const lost = async () => {
    throw new Error("the line was cut");
  };
  await assert.rejects(submit(Date.now() - 60_000, { submit: lost }), isUnsure);
  await assert.rejects(submit(Date.now()), isUnsure);
  assert.equal(submitted, 0);
  await submit(Date.now() + 45_000);
  assert.equal(submitted, 1, "once it has been waited out it is");
});

test("a job that is one too many is cancelled; when its trainer does not answer, an alert names the key", async () => {
  const late = async () => {
    const ended = { status: "cancelled", jobStatus: null, reason: "the cycle ended", endedAt: AT } as const;
    await within((tx) => runStatus(tx, loop, run.id, ended));
    return { id: "late" };
  };
  const cancel = async () => {
    throw new Error("no answer");
  };
  assert.deepEqual(await submit(Date.now(), { submit: late, cancel }), { kind: "brought" });
  const alerts = await within((tx) => openAlerts(tx, loop));
  assert.deepEqual(
    alerts.map(({ kind, subject }) => [kind, subject]),
    [["orphan_job", run.key]],
  );
  assert.equal((await now()).job_id, null);
});
