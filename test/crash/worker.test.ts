// A real worker process is killed with -9 twice, each time at the worst moment of several loops; another takes over.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { type NodeChild, startNodeChild } from "../../src/embedded/node-child.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, SECONDS, until } from "../workflows/loop-life.ts";
import { openTrainerLine, type TrainerLine } from "./trainer-line.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
let line: TrainerLine;
let worker: NodeChild | undefined;

/** Each is killed in a moment of its own: while the job runs, while a submission is under way, between two looks. */
const TRAINED = ["training", "unheard", "held"];
const LOOPS = [...TRAINED, "proving"];
const cycles: Record<string, string> = {};
let experimentId: string;

before(async () => {
  environment = await devServerEnvironment();
  world = await openWorld(environment, { worker: false });
  life = loopLife(world);
  line = await openTrainerLine(world.sandbox.url);
  await liveThroughTwoKills();
});
after(async () => {
  await worker?.stop();
  await line?.close();
  await world?.close();
  await environment?.teardown();
});

async function startWorker(): Promise<NodeChild> {
  return startNodeChild({
    name: "the worker",
    script: new URL("../../src/worker.ts", import.meta.url),
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: world.database.url,
      TEMPORAL_ADDRESS: environment.address,
      RATCHET_ARTIFACTS: world.artifacts,
      RATCHET_SANDBOX_URL: line.baseURL,
      RATCHET_LOG: "error",
    },
    onLine: (text) => process.stderr.write(`${text}\n`),
  });
}

async function killWorker(): Promise<void> {
  process.kill(worker!.pid, "SIGKILL");
  await worker!.exited;
}

async function liveThroughTwoKills(): Promise<void> {
  worker = await startWorker();
  const wire = { ...QUICK, training: { trainer: "openai-wire" } };
  await world.applyLoop({
    name: "proving",
    ...QUICK,
    experiment: SECONDS,
    promotion: { mode: "automatic" },
    probation: { duration: "25 seconds" },
  });
  experimentId = await life.underExperiment("proving");
  cycles.proving = (await life.only("select id from cycle where loop = $1", "proving")).id as string;
  await world.applyLoop({ name: "training", ...wire });
  await life.withFaults([{ kind: "job-slow", ms: 12_000 }], async () => {
    cycles.training = await life.duePulse("training");
    await life.untilRow("a running job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [
      cycles.training,
    ]);
  });
  for (const [loop, fate] of [
    ["unheard", "answer lost"],
    ["held", "held"],
  ] as const) {
    await world.applyLoop({ name: loop, ...wire });
    line.decide(loop, fate);
    cycles[loop] = await life.duePulse(loop);
    await until(`the submission of ${loop}`, async () => line.caught(loop));
  }
  await life.untilRow("a second look", "select 1 from look where experiment_id = $1 and number >= 2", [experimentId]);

  await until("a moment in which the job runs and nobody looks", async () => {
    const [poll, look] = await Promise.all([atWork(`cycle/${cycles.training}`), atWork(`experiment/${experimentId}`)]);
    return poll.length === 1 && poll[0] === "pollTraining waits" && look.length === 0;
  });
  await killWorker();
  assert.deepEqual(await life.jobsOf(cycles.training!), ["running"], "it was killed while the job ran");
  for (const loop of ["unheard", "held"])
    assert.equal((await runOf(loop)).job_id, null, `the job of ${loop} was not on record when the worker died`);

  // From here on the trainer's lists lag, too.
  await life.withFaults([{ kind: "lag-list", ms: 20_000, route: "jobs.list" }], async () => {
    worker = await startWorker();
    await world.tryOut("proving", { users: 200, approval: { champion: 0.5, challenger: 0.9 } });
    await life.untilRow(
      "a look in probation",
      "select 1 from look where experiment_id = $1 and phase = 'probation' limit 1",
      [experimentId],
    );
    await until("the wait for what is under way", async () => (await atWork(`cycle/${cycles.held}`)).length === 0);
    await until("a moment between two looks", async () => (await atWork(`experiment/${experimentId}`)).length === 0);
    await killWorker();
    assert.equal((await life.only("select status from experiment where id = $1", experimentId)).status, "probation");

    worker = await startWorker();
    await line.letThrough("held"); // the first worker's request arrives at the trainer only now, while it is waited out
    for (const loop of LOOPS) await until(`the end of the cycle of ${loop}`, () => endOf(loop), 120);
    await life.untilRow("the end of probation", "select 1 from experiment where id = $1 and status = 'closed'", [
      experimentId,
    ]);
  });
}

/** The activities of a workflow that are not done: "<name> waits" before an attempt, "<name> runs" in one. */
async function atWork(workflowId: string): Promise<string[]> {
  const { raw } = await environment.client.workflow.getHandle(workflowId).describe();
  const SCHEDULED = 1;
  return (raw.pendingActivities ?? []).map(
    ({ activityType, state }) => `${activityType?.name} ${state === SCHEDULED ? "waits" : "runs"}`,
  );
}

const runOf = (loop: string) => life.only("select status, job_id from training_run where cycle_id = $1", cycles[loop]);
const endOf = async (loop: string) =>
  (await life.only("select outcome from cycle where id = $1", cycles[loop])).outcome as string | null;

for (const loop of TRAINED) {
  test(`${loop}: there is one training run and one job, and the cycle went on to its experiment`, async () => {
    assert.equal(await endOf(loop), "experiment");
    const run = await life.only("select status, job_id from training_run where loop = $1", loop);
    assert.equal(run.status, "succeeded");
    assert.deepEqual(await life.jobsOf(cycles[loop]!), ["succeeded"]);
  });
}

test("the sandbox made one job for each of the three, and never another", async () => {
  assert.equal((await life.stats()).jobsCreated, TRAINED.length);
});

test("looks count on without a gap and without a double", async () => {
  const looks = await life.query("select number, phase from look where experiment_id = $1 order by number", [
    experimentId,
  ]);
  assert.deepEqual(
    looks.map((look) => look.number),
    looks.map((_, index) => index + 1),
  );
  const phases = looks.map((look) => look.phase as string);
  assert.deepEqual(phases, phases.toSorted(), "first those of the experiment, then those of the probation");
});

test("the challenger was promoted once, and kept", async () => {
  const promotions = await life.query("select kind from promotion where experiment_id = $1", [experimentId]);
  assert.deepEqual(promotions, [{ kind: "promotion" }]);
  assert.equal((await life.only("select outcome from experiment where id = $1", experimentId)).outcome, "promoted");
  assert.deepEqual(await life.roles("proving"), { "sandbox-base": "retired", "proving-v1": "champion" });
  assert.equal(await life.slot("proving"), null);
});

test("nothing is on record twice, and the audit chain holds", async () => {
  for (const loop of LOOPS) {
    for (const table of ["cycle", "snapshot", "training_run", "evaluation", "experiment"])
      assert.equal(
        (await life.query(`select 1 from ${table} where loop = $1`, [loop])).length,
        1,
        `${table} of ${loop}`,
      );
    assert.equal((await life.query("select 1 from model where loop = $1", [loop])).length, 2, `models of ${loop}`);
    const doubles = await life.query(
      "select action, subject from audit where loop = $1 and action <> 'loop.apply' group by action, subject having count(*) > 1",
      [loop],
    );
    assert.deepEqual(doubles, []);
    const chain = await world.database.db.withLoop(loop, (tx) => verifyAudit(tx, loop));
    assert.equal(chain.broken, null);
    assert.ok(chain.entries >= 3, `${loop} has ${chain.entries} entries`);
    assert.deepEqual(await life.openAlerts(loop), []);
  }
});
