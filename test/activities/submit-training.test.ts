// Submitting, with a trainer of the test's own: what is on record when a request leaves, and who of several sends it.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { ApplicationFailure } from "@temporalio/common";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { submittingActivities } from "../../src/activities/submit-training.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { newId } from "../../src/domain/id.ts";
import { LEAVES_WITHIN } from "../../src/domain/submission-times.ts";
import { NotSent } from "../../src/providers/provider-error.ts";
import { openAlerts } from "../../src/store/alerts.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { intendRun, runOfCycle, runStatus, runSubmitted, type TrainingRun } from "../../src/store/training-runs.ts";
import { inContext } from "../../src/trainers/in-context.ts";
import type { SubmitLimit, Trainer } from "../../src/trainers/trainer.ts";
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
    await addSnapshot(tx, { ...snapshot, manifest: { files }, manifest_sha256: "0".repeat(64) }, [], 0);
    const intent = { id: newId(), loop, cycleId, attempt: 1, snapshotId: id, trainer: "openai-wire", at: AT } as const;
    return intendRun(tx, intent);
  });
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const now = async () => (await within((tx) => runOfCycle(tx, run.cycle_id, 1)))!;

/** Knows no job and takes every one. */
const taking: Trainer = {
  ...inContext,
  find: async () => [],
  submit: async () => ({ id: `job-${++submitted}` }),
  cancel: async (_, job) => void cancelled.push(job.id),
};

/** Submits once, at a trainer that takes everything, but for what is `changed` in it. */
function submit(asOf: number, changed: Partial<Trainer> = {}, db = database.db) {
  const trainer: Trainer = { ...taking, ...changed };
  const { submitTraining } = submittingActivities({
    db,
    artifacts: openArtifacts("/nowhere"), // this trainer reads no file
    trainers: { "in-context": trainer, "openai-wire": trainer },
    log: pino({ level: "silent" }),
  });
  return new MockActivityEnvironment().run(() => submitTraining({ loop, cycleId: run.cycle_id, attempt: 1, asOf }));
}

const isOfType = (type: string) => (error: unknown) => error instanceof ApplicationFailure && error.type === type;
const isUnsure = isOfType("TrainingUnsure");
const alerts = async () =>
  (await within((tx) => openAlerts(tx, loop))).map(({ kind, subject }) => [kind, subject] as const);

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
  assert.deepEqual(await alerts(), [["orphan_job", run.key]]);
  assert.equal((await now()).job_id, null);
});

test("a submission may leave for thirty seconds from its own start, whenever it was asked for", async () => {
  const before = Date.now();
  let given: SubmitLimit | null = null;
  const asked: Trainer["submit"] = async (_, limit) => {
    given = limit;
    return { id: "job-1" };
  };
  await submit(before - 3_600_000, { submit: asked });
  const left = given!.notAfter - before;
  assert.ok(left >= LEAVES_WITHIN && left <= LEAVES_WITHIN + (Date.now() - before), `${left} milliseconds were left`);
});

test("a submission that did not leave is not on record as one that may be under way", async () => {
  const late = async () => {
    throw new NotSent("too late");
  };
  await assert.rejects(submit(Date.now(), { submit: late }), isOfType("TrainingUnsent"));
  assert.equal((await now()).sent_at, null);
  await submit(Date.now());
  assert.equal(submitted, 1, "the next one need not wait");
});

test("a look for the job that has no clear answer sends nothing", async () => {
  const silent = async () => {
    throw new Error("the line was cut");
  };
  await assert.rejects(submit(Date.now(), { find: silent }), isOfType("TrainingUnsent"));
  assert.deepEqual([submitted, (await now()).sent_at], [0, null]);
});

for (const [when, transaction] of [
  ["before it is sent", 3],
  ["when its job is to be put on record", 4],
] as const)
  test(`a database that is away ${when} is no unclear answer of the trainer`, async () => {
    let asked = 0;
    const withLoop: typeof database.db.withLoop = (name, work) =>
      ++asked === transaction ? Promise.reject(new Error("the database is away")) : database.db.withLoop(name, work);
    await assert.rejects(submit(Date.now(), {}, { ...database.db, withLoop }), /^Error: the database is away$/);
    assert.equal(submitted, transaction === 3 ? 0 : 1);
  });

/** A submission whose answer is lost, and which is halted until another one has `meanwhile` done its work. */
const unheard = (meanwhile: () => Promise<unknown>) => async () => {
  await meanwhile();
  throw new Error("the line was cut");
};
const end = () =>
  within((tx) => runStatus(tx, loop, run.id, { status: "failed", jobStatus: null, reason: "given up", endedAt: AT }));
const another = () => within((tx) => runSubmitted(tx, loop, run.id, "the one on record", AT));

for (const [what, meanwhile, ours] of [
  ["whose run has ended meanwhile", end, []],
  ["whose run has another job meanwhile", another, ["the one on record"]],
] as const) {
  test(`a submission without an answer, ${what}, leaves no job behind`, async () => {
    let looks = 0;
    const find = async () => (looks++ === 0 ? [] : [...ours, "one too many"].map((id) => ({ id })));
    await assert.rejects(submit(Date.now(), { find, submit: unheard(meanwhile) }), isUnsure);
    assert.deepEqual(cancelled, ["one too many"]);
    assert.deepEqual(await alerts(), []);
  });

  test(`a submission without an answer, ${what}, may arrive yet when its job is not listed: an alert names the key`, async () => {
    let looks = 0;
    const find = async () => (looks++ === 0 ? [] : ours.map((id) => ({ id })));
    await assert.rejects(submit(Date.now(), { find, submit: unheard(meanwhile) }), isUnsure);
    assert.deepEqual(cancelled, []);
    assert.deepEqual(await alerts(), [["orphan_job", run.key]]);
  });
}
