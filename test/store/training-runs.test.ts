import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { createCycle } from "../../src/store/cycles.ts";
import {
  endUnsent,
  intendRun,
  runOfCycle,
  runRefused,
  runSending,
  runStatus,
  runSubmitted,
  runsOfCycle,
  strayRuns,
  succeededRuns,
  type TrainingRun,
} from "../../src/store/training-runs.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { ASKED, AT, hours, makeLoop, warmUp } from "./loop-fixture.ts";
import { orderRun } from "./ordered-run.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let run: TrainingRun;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
  run = await orderRun(database.db, loop);
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const submitted = (jobId: string, hour = 1) => within((tx) => runSubmitted(tx, loop, run.id, jobId, hours(hour)));
const status = (
  to: TrainingRun["status"],
  jobStatus: string | null = to,
  endedAt: Date | null = null,
  reason: string | null = null,
) => within((tx) => runStatus(tx, loop, run.id, { status: to, jobStatus, reason, endedAt }));
const now = async () => (await within((tx) => runOfCycle(tx, run.cycle_id, 1)))!;
const told = async () =>
  (
    await database.query("select type from event_outbox where loop = $1 and subject = $2 order by id", [loop, run.id])
  ).map((row) => row.type);

test("the intent is on record before anything is submitted", () => {
  const { status: is, job_id: job, key, intended_at: at, submitted_at: submittedAt } = run;
  assert.deepEqual([is, job, key, at, submittedAt], ["intended", null, `${run.cycle_id}/train`, AT, null]);
});

const sending = (read: TrainingRun, hour: number) => within((tx) => runSending(tx, read, hours(hour)));
const refused = (hour: number, before: Date | null) => within((tx) => runRefused(tx, run.id, hours(hour), before));

const intend = (attempt: number) =>
  within((tx) =>
    intendRun(tx, {
      id: newId(),
      loop,
      cycleId: run.cycle_id,
      attempt,
      snapshotId: run.snapshot_id,
      trainer: "in-context",
      at: hours(9),
    }),
  );

test("the same attempt of a cycle intends once, whoever asks again, also at once", async () => {
  const found = await Promise.all([intend(1), intend(1), intend(1)]);
  for (const one of found) assert.deepEqual(one, { ...run, isNew: false });
});

test("the next attempt is a run of its own, under a key of its own", async () => {
  const found = await Promise.all([intend(2), intend(2)]);
  assert.deepEqual(found.map((one) => one.isNew).sort(), [false, true]);
  const runs = await within((tx) => runsOfCycle(tx, run.cycle_id));
  assert.deepEqual(
    runs.map(({ attempt, key }) => [attempt, key]),
    [
      [1, `${run.cycle_id}/train`],
      [2, `${run.cycle_id}/train/2`],
    ],
  );
});

test("a submission that leaves is on record until it is refused clearly, and none leaves once the run has ended", async () => {
  const end = (at: Date) =>
    within((tx) => endUnsent(tx, loop, run.id, { status: "failed", word: "closed", reason: "why", at }));
  assert.equal(await sending(run, 1), "sending");
  assert.deepEqual((await now()).sent_at, hours(1));
  assert.equal(await end(hours(2)), false, "a job may be there");
  await refused(1, null);
  assert.equal(await end(hours(3)), true);
  assert.equal(await end(hours(4)), false, "it has ended");
  assert.equal(await sending(run, 5), "ended");
  const { sent_at: sent, status: is, job_status: word, reason, ended_at: at } = await now();
  assert.deepEqual([sent, is, word, reason, at], [null, "failed", "closed", "why", hours(3)]);
});

test("a refusal after a job is known does not make it unknown", async () => {
  await sending(run, 1);
  await submitted("job-1");
  await refused(1, null);
  assert.deepEqual((await now()).sent_at, hours(1));
});

test("of several who read the same run one sends, and the others hear of it, also once its job is known", async () => {
  const all = await Promise.all([sending(run, 1), sending(run, 2), sending(run, 3)]);
  assert.deepEqual(all.sort(), ["another", "another", "sending"]);
  const read = await now();
  assert.equal(
    await sending(read, 4),
    "sending",
    "who read that one has left may send once that one has been waited out",
  );
  assert.equal(await sending(read, 5), "another");
  const later = await now();
  await submitted("job-1");
  assert.equal(await sending(later, 6), "another");
});

test("a refusal that is heard of late does not hide a submission that has left since", async () => {
  await sending(run, 1);
  await sending(await now(), 2);
  await refused(1, null);
  assert.deepEqual((await now()).sent_at, hours(2));
});

test("one key belongs to one run", async () => {
  const other = await orderRun(database.db, loop);
  await assert.rejects(database.query("update training_run set key = $1 where id = $2", [run.key, other.id]), {
    constraint: "training_run_key_key",
  });
});

test("the first job stays: another one is one too many, also at the same moment", async () => {
  assert.equal(await submitted("job-1", 1), true);
  assert.equal(await submitted("job-1", 2), true, "a retry that found it");
  assert.equal(await submitted("job-2", 3), false);
  const found = await now();
  assert.deepEqual([found.job_id, found.status, found.submitted_at], ["job-1", "submitted", hours(1)]);
  run = await orderRun(database.db, loop);
  const raced = await Promise.all(["a", "b", "c"].map((job) => submitted(job)));
  assert.equal(raced.filter(Boolean).length, 1);
});

test("a run that ended takes no more jobs, and stays as it ended", async () => {
  await submitted("job-1");
  await status("cancelled", "cancelled", hours(2), "the cycle ended");
  const ended = await now();
  assert.equal(await submitted("job-1"), false);
  assert.equal(await submitted("job-2"), false);
  await status("succeeded", "succeeded", hours(3));
  await status("running");
  assert.deepEqual(await now(), ended);
  assert.deepEqual([ended.status, ended.reason, ended.ended_at], ["cancelled", "the cycle ended", hours(2)]);
});

test("a run that was cancelled before its job is known refuses the job when it comes", async () => {
  await status("cancelled", null, hours(1), "the cycle ended");
  assert.equal(await submitted("late"), false);
  assert.equal((await now()).job_id, null);
});

test("what the trainer wrote about a failed job is kept apart from the reason", async () => {
  const failed = { status: "failed", jobStatus: "failed", reason: "the job failed (bad)", endedAt: hours(2) } as const;
  await within((tx) => runStatus(tx, loop, run.id, { ...failed, detail: "On the line: my name is Ada." }));
  const { reason, detail } = await now();
  assert.deepEqual([reason, detail], ["the job failed (bad)", "On the line: my name is Ada."]);
});

test("a run that is open though its cycle is over is found, until it has ended", async () => {
  const found = () => within((tx) => strayRuns(tx, loop));
  assert.deepEqual(await found(), [await now()]);
  const from = { pulse: null, watermark: 0, settingsVersion: 1, asOf: AT };
  const { id: open } = await within((tx) => createCycle(tx, loop, ASKED, from));
  const intent = {
    id: newId(),
    loop,
    cycleId: open,
    attempt: 1,
    snapshotId: run.snapshot_id,
    trainer: "in-context",
    at: AT,
  } as const;
  await within((tx) => intendRun(tx, intent));
  assert.deepEqual(await found(), [await now()], "one of an open cycle has somebody who takes care of it");
  await status("cancelled", null, hours(1));
  assert.deepEqual(await found(), []);
});

test("what the trainer says is told once for each word of it", async () => {
  await submitted("job-1");
  for (const word of ["queued", "queued", "validating_files", "validating_files", "queued"])
    await status("running", word);
  await status("failed", "failed", hours(4), "bad file");
  await status("failed", "failed", hours(5), "bad file");
  assert.deepEqual(await told(), ["training.submitted", ...Array.from({ length: 4 }, () => "training.status")]);
  assert.deepEqual((await now()).ended_at, hours(4));
});

test("a job that is found after the trainer has started it does not put the run back", async () => {
  await submitted("job-1");
  await status("running");
  await submitted("job-1", 5);
  assert.deepEqual([(await now()).status, (await now()).submitted_at], ["running", hours(1)]);
});

test("only runs that made a model count as learned", async () => {
  await status("failed", "failed", hours(1));
  run = await orderRun(database.db, loop);
  await status("succeeded", "succeeded", hours(1));
  await orderRun(database.db, loop);
  assert.equal(await within((tx) => succeededRuns(tx, loop)), 1);
  assert.equal(await within((tx) => runOfCycle(tx, newId(), 1)), null);
});
