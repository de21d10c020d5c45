// A training run is paid for once, whatever the trainer does: faults of the sandbox, in skipped time.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WorkflowFailedError } from "@temporalio/client";
import { CancelledFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import { cancelCycle } from "../../src/store/cancel-cycle.ts";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, until } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
before(async () => {
  environment = await timeSkippingEnvironment();
  world = await openWorld(environment);
  life = loopLife(world);
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const WIRE = { ...QUICK, training: { trainer: "openai-wire" } };

/** A due cycle under these faults, to its end, and how many jobs it made at the sandbox. */
async function trainUnder(loop: string, faults: FaultInput[], settings: Record<string, unknown> = WIRE) {
  await world.applyLoop({ name: loop, ...settings });
  const before = (await life.stats()).jobsCreated;
  return life.withFaults(faults, async () => {
    const cycleId = await life.duePulse(loop);
    const { outcome, reason } = await life.cycleResult(cycleId);
    return { cycleId, outcome, reason, jobs: (await life.stats()).jobsCreated - before };
  });
}

/** The seconds of each timer that a cycle waited for. */
async function waits(cycleId: string): Promise<number[]> {
  const { events } = await environment.client.workflow.getHandle(`cycle/${cycleId}`).fetchHistory();
  return events!.flatMap((event) => {
    const timeout = event.timerStartedEventAttributes?.startToFireTimeout;
    return timeout ? [Number(timeout.seconds) + (timeout.nanos ?? 0) / 1e9] : [];
  });
}

/** What the run is said to have cost, in millionths of a dollar; null while only a reservation is on record. */
const spent = async (cycleId: string) =>
  (
    await life.only(
      "select spent_micros from budget_reservation b join training_run r on r.id = b.training_run_id where r.cycle_id = $1",
      cycleId,
    )
  ).spent_micros;

const runOf = (cycleId: string) => life.only("select status, job_id from training_run where cycle_id = $1", cycleId);

test("a submission whose answer is lost is looked for, not repeated", async () => {
  const { cycleId, ...ended } = await trainUnder("lost", [
    { kind: "accept-then-reset", route: "jobs.create", times: 1 },
  ]);
  assert.deepEqual(ended, { outcome: "experiment", reason: "lost-v1 is being tried", jobs: 1 });
  assert.deepEqual(await waits(cycleId), [45], "first it waits until no request can be under way");
  assert.equal((await runOf(cycleId)).status, "succeeded");
});

test("a submission that never arrived is made again", async () => {
  const { cycleId, ...ended } = await trainUnder("cut", [
    { kind: "reset", route: "jobs.create", times: 1 },
    { kind: "500", route: "jobs.create", times: 1 },
  ]);
  assert.deepEqual(ended, { outcome: "experiment", reason: "cut-v1 is being tried", jobs: 1 });
  assert.deepEqual(await waits(cycleId), [45, 45]);
});

test("a trainer that never answers clearly is given up after five submissions, and costs nothing", async () => {
  const { cycleId, ...ended } = await trainUnder("silent", [{ kind: "500", route: "jobs.create" }]);
  const reason = "no clear answer from openai-wire to 5 submissions";
  assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 0 });
  assert.deepEqual(await waits(cycleId), [45, 45, 45, 45, 45]);
  assert.equal(await life.slot("silent"), null);
  assert.equal(await spent(cycleId), "0");
});

/** From now on this loop's submissions lose their connection to PostgreSQL as they begin, so many times. */
async function cutOff(loop: string, times: number): Promise<void> {
  // It asks a sequence, which counts on though every one of these transactions is lost.
  await world.database.query(
    `create sequence "cut off ${loop}";
     create function "cut off ${loop}"() returns trigger language plpgsql security definer as $$ begin
       if nextval('"cut off ${loop}"') <= ${times} then perform pg_terminate_backend(pg_backend_pid()); end if;
       return new;
     end $$;
     create trigger "cut off ${loop}" before update of stage on cycle for each row
       when (new.loop = '${loop}' and old.stage = 'train' and new.stage = 'train') execute function "cut off ${loop}"()`,
  );
}

test("a database that is away while a cycle submits is waited for, ever longer: nothing could have left", async () => {
  await cutOff("unplugged", 7);
  const { cycleId, ...ended } = await trainUnder("unplugged", []);
  assert.deepEqual(ended, { outcome: "experiment", reason: "unplugged-v1 is being tried", jobs: 1 });
  assert.deepEqual(await waits(cycleId), [1, 2, 4, 8, 16, 32, 64]);
  assert.equal((await runOf(cycleId)).status, "succeeded");
});

test("a database that stays away is given up at the deadline", async () => {
  await cutOff("powerless", 1_000);
  const settings = { ...QUICK, training: { trainer: "openai-wire", deadline: "1 hour" } };
  const { cycleId, ...ended } = await trainUnder("powerless", [], settings);
  const reason = "openai-wire did not take the job in time (training.deadline)";
  assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 0 });
  assert.equal(await spent(cycleId), "0");
});

test("a trainer that cannot be asked for its jobs is asked until it can: nothing has left", async () => {
  const { cycleId, ...ended } = await trainUnder("listless", [{ kind: "500", route: "jobs.list", times: 6 }]);
  assert.deepEqual(ended, { outcome: "experiment", reason: "listless-v1 is being tried", jobs: 1 });
  assert.deepEqual(await waits(cycleId), [1, 2, 4, 8, 16, 32]);
});

test("a trainer that is busy for hours is asked ever more rarely, and given up at the deadline", async () => {
  const settings = { ...QUICK, training: { trainer: "openai-wire", deadline: "3 hours" } };
  const { cycleId, ...ended } = await trainUnder(
    "overrun",
    [{ kind: "429", route: "jobs.create", retryAfterSeconds: 1 }],
    settings,
  );
  const reason = "openai-wire did not take the job in time (training.deadline)";
  assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 0 });
  const asked = await waits(cycleId);
  assert.deepEqual(asked.slice(0, 10), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  assert.ok(asked.length < 50, `it was asked ${asked.length} times`);
  assert.equal(await spent(cycleId), "0");
});

test("a trainer that asks to be left alone beyond the deadline is waited for until then, and not longer", async () => {
  const settings = { ...QUICK, training: { trainer: "openai-wire", deadline: "1 hour" } };
  const { cycleId, ...ended } = await trainUnder(
    "tomorrow",
    [{ kind: "429", route: "jobs.create", retryAfterSeconds: 86_400 }],
    settings,
  );
  const reason = "openai-wire did not take the job in time (training.deadline)";
  assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 0 });
  const [wait, ...more] = await waits(cycleId);
  assert.ok(wait! > 3000 && wait! <= 3600, `it waited ${wait} seconds`);
  assert.deepEqual(more, []);
});

const FOR_EVER: FaultInput[] = [
  { kind: "429", route: "files.list", retryAfterSeconds: 600 },
  { kind: "500", route: "files.list" },
];
for (const fault of FOR_EVER)
  test(`files that a trainer answers with ${fault.kind} for ever end the cycle at the deadline`, async () => {
    const loop = `heavy-${fault.kind}`;
    const settings = { ...QUICK, training: { trainer: "openai-wire", deadline: "1 hour" } };
    const { cycleId, ...ended } = await trainUnder(loop, [fault], settings);
    const reason = "openai-wire did not take the files in time (training.deadline)";
    assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 0 });
    assert.equal(await life.slot(loop), null);
    assert.equal(await spent(cycleId), "0");
  });

test("a busy trainer is asked again when it said, in two seconds or in ten minutes", async () => {
  const { cycleId, ...ended } = await trainUnder("busy", [
    { kind: "429", route: "jobs.create", times: 1, retryAfterSeconds: 2 },
    { kind: "429", route: "jobs.create", times: 1, retryAfterSeconds: 600 },
  ]);
  assert.deepEqual(ended, { outcome: "experiment", reason: "busy-v1 is being tried", jobs: 1 });
  assert.deepEqual(await waits(cycleId), [2, 600]);
});

test("a busy trainer is waited for while files are brought and while the job is polled, too", async () => {
  const { outcome, jobs } = await trainUnder("crowded", [
    { kind: "429", route: "files.list", times: 1, retryAfterSeconds: 600 },
    { kind: "429", route: "jobs.get", times: 1, retryAfterSeconds: 600 },
  ]);
  assert.deepEqual([outcome, jobs], ["experiment", 1]);
});

const ALONE = { ...QUICK, training: { trainer: "openai-wire", fallback: null } };

for (const [what, route, loop] of [
  ["job", "jobs.create", "closed"],
  ["files", "files", "fileless"],
] as const) {
  test(`a trainer that refuses the ${what} for good (403) ends the cycle with its reason, when there is no fallback`, async () => {
    const { cycleId, ...ended } = await trainUnder(loop, [{ kind: "403", route }], ALONE);
    assert.deepEqual(ended, {
      outcome: "training_failed",
      reason: `openai-wire is closed to us: it refused the ${what} (403 training_closed)`,
      jobs: 0,
    });
    assert.deepEqual(await life.roles(loop), { "sandbox-base": "champion" });
    assert.equal(await life.slot(loop), null);
    assert.deepEqual(await runOf(cycleId), { status: "failed", job_id: null });
    assert.equal(await spent(cycleId), "0", "what was reserved is given back");
    assert.deepEqual(await life.openAlerts(loop), ["trainer_closed openai-wire"]);
  });
}

for (const [stage, route] of [
  ["files", "files"],
  ["everything", "*"],
  ["job", "jobs.create"],
] as const) {
  test(`when a trainer refuses ${stage} for good, the fallback trains in the same cycle, as a run of its own`, async () => {
    const loop = `instead-of-${stage}`;
    const { cycleId, ...ended } = await trainUnder(loop, [
      { kind: "403", route, times: route === "*" ? 1 : undefined },
    ]);
    const closed = `openai-wire is closed to us: it refused the ${stage === "job" ? "job" : "files"} (403 training_closed)`;
    const reason = `${loop}-v1 is being tried (${closed}; in-context trained instead)`;
    assert.deepEqual(ended, { outcome: "experiment", reason, jobs: 0 });
    const runs = await life.query(
      `select trainer, key, status, reason, spent_micros from training_run r join budget_reservation b on b.training_run_id = r.id
       where cycle_id = $1 order by attempt`,
      [cycleId],
    );
    assert.deepEqual(runs, [
      { trainer: "openai-wire", key: `${cycleId}/train`, status: "failed", reason: closed, spent_micros: "0" },
      { trainer: "in-context", key: `${cycleId}/train/2`, status: "succeeded", reason: null, spent_micros: "0" },
    ]);
    assert.deepEqual(await life.openAlerts(loop), ["trainer_closed openai-wire"]);
    assert.deepEqual(await life.audited(`cycle/${cycleId}`), [
      "cycle.start by ratchet",
      "cycle.fallback by ratchet",
      "cycle.experiment by ratchet",
    ]);
  });
}

test("a trainer that works again closes its alert", async () => {
  const first = await trainUnder("reopened", [{ kind: "403", route: "files" }], ALONE);
  assert.equal(first.outcome, "training_failed");
  assert.deepEqual(await life.openAlerts("reopened"), ["trainer_closed openai-wire"]);
  const next = await trainUnder("reopened", [], { ...ALONE, triggers: { newSamples: 60, cooldown: "0 seconds" } });
  assert.deepEqual([next.outcome, next.jobs], ["experiment", 1]);
  assert.deepEqual(await life.openAlerts("reopened"), []);
});

test("the alert of a trainer that the loop does not use any more closes with the next pulse", async () => {
  await trainUnder("moved", [{ kind: "403", route: "files" }], ALONE);
  await life.pulse("moved");
  assert.deepEqual(await life.openAlerts("moved"), ["trainer_closed openai-wire"]);
  await world.applyLoop({ name: "moved", ...QUICK, training: { trainer: "in-context" } });
  await life.pulse("moved");
  assert.deepEqual(await life.openAlerts("moved"), []);
});

test("a run that was submitted a moment ago by somebody else is waited for before it is submitted again", async () => {
  await world.applyLoop({ name: "twofold", ...WIRE });
  const before = (await life.stats()).jobsCreated;
  // As after a reset in the middle of a submission: on record is that one has left, and nobody knows what became of it.
  await world.database.query(
    `create function sent_already() returns trigger language plpgsql as $$ begin new.sent_at := new.intended_at; return new; end $$;
     create trigger sent_already before insert on training_run for each row when (new.loop = 'twofold') execute function sent_already()`,
  );
  const id = await life.duePulse("twofold");
  assert.equal((await life.cycleResult(id)).outcome, "experiment");
  assert.deepEqual(await waits(id), [45]);
  assert.equal((await life.stats()).jobsCreated - before, 1);
});

test("a job that fails ends the cycle with the trainer's code for it", async () => {
  const { cycleId, ...ended } = await trainUnder("failing", [
    { kind: "job-fail", code: "loss_exploded", message: "On the line: my name is Ada." },
  ]);
  const reason = "openai-wire: the job failed (loss_exploded)"; // its message may quote what people wrote
  assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 1 });
  assert.deepEqual(await life.only("select status, reason, detail from training_run where cycle_id = $1", cycleId), {
    status: "failed",
    reason,
    detail: "On the line: my name is Ada.",
  });
});

test("a second job that a list was too slow to show is cancelled, and the first on record stays", async () => {
  const { cycleId, outcome, jobs } = await trainUnder("late", [
    { kind: "accept-then-reset", route: "jobs.create", times: 1 },
    { kind: "lag-list", ms: 2_000, times: 2, route: "jobs.list" }, // the looks before either submission
    { kind: "job-slow", ms: 1_000 },
  ]);
  assert.deepEqual([outcome, jobs], ["experiment", 2]);
  assert.deepEqual((await life.jobsOf(cycleId)).sort(), ["cancelled", "succeeded"]);
  assert.equal((await runOf(cycleId)).status, "succeeded");
});

test("a job that never ends is cancelled at the deadline", async () => {
  const settings = { ...QUICK, training: { trainer: "openai-wire", deadline: "1 minute" } };
  const { cycleId, ...ended } = await trainUnder("endless", [{ kind: "job-stuck", status: "running" }], settings);
  const reason = "the job did not end in time (training.deadline)";
  assert.deepEqual(ended, { outcome: "training_failed", reason, jobs: 1 });
  assert.deepEqual(await life.jobsOf(cycleId), ["cancelled"]);
  assert.equal(await life.slot("endless"), null);
});

test("a job that ends without a model is not taken for one", async () => {
  const settings = { ...QUICK, training: { trainer: "openai-wire", deadline: "1 minute" } };
  const { outcome, jobs } = await trainUnder("hollow", [{ kind: "job-no-model" }], settings);
  assert.deepEqual([outcome, jobs], ["training_failed", 1]);
  assert.deepEqual(await life.roles("hollow"), { "sandbox-base": "champion" });
});

test("a job whose model's name comes late is waited for", async () => {
  const { outcome, jobs } = await trainUnder("tardy", [{ kind: "job-no-model", ms: 500 }]);
  assert.deepEqual([outcome, jobs], ["experiment", 1]);
});

test("a run over budget is not submitted", async () => {
  const { cycleId, ...ended } = await trainUnder("dear", [], {
    ...QUICK,
    model: { provider: "openai-wire", name: "a-model-of-unknown-price" },
    training: { trainer: "openai-wire", automatic: true },
    budget: { perRunUsd: 10, monthlyUsd: 5 },
  });
  assert.deepEqual([ended.outcome, ended.jobs], ["over_budget", 0]);
  assert.match(ended.reason, /5/);
  assert.equal((await runOf(cycleId)).status, "failed");
  assert.deepEqual(await life.query("select 1 from budget_reservation where loop = 'dear'"), []);
  assert.equal(await life.slot("dear"), null);
});

for (const [automatic, model] of [
  [false, { provider: "sandbox", name: "sandbox-base" }],
  ["free", { provider: "openai-wire", name: "a-model-of-unknown-price" }],
] as const) {
  test(`with automatic training ${automatic}, ${model.name} is prepared and no job is made`, async () => {
    const loop = `prepared-${automatic}`;
    const settings = { ...QUICK, model, training: { trainer: "openai-wire", automatic } };
    const { cycleId, ...ended } = await trainUnder(loop, [], settings);
    assert.deepEqual([ended.outcome, ended.jobs], ["prepared", 0]);
    assert.match(ended.reason, /^the snapshot of \d+ examples is ready; .*start it with ratchet cycle start$/);
    assert.equal((await life.query("select 1 from snapshot where cycle_id = $1", [cycleId])).length, 1);
    assert.equal(await life.slot(loop), null);
  });
}

test("a cycle that is cancelled while its job runs leaves no job behind, and the slot is free", async () => {
  for (const loop of ["called-off", "cancelled-in-temporal"]) {
    await world.applyLoop({ name: loop, ...WIRE });
    await life.withFaults([{ kind: "job-stuck", status: "running" }], async () => {
      const id = await life.duePulse(loop);
      await life.untilRow("a running job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [
        id,
      ]);
      if (loop === "called-off") {
        const asked = { actor: "ada", reason: "the wrong data" };
        await world.database.db.withLoop(loop, (tx) => cancelCycle(tx, loop, id, asked, new Date()));
        assert.equal(await life.slot(loop), null, "at once, whether Temporal answers or not");
      }
      await world.workflows.cancelCycle(id);
      await assert.rejects(
        life.cycleResult(id),
        (error) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
      );
      const { outcome } = await life.only("select outcome from cycle where id = $1", id);
      assert.equal(outcome, "cancelled");
      assert.deepEqual(await life.jobsOf(id), ["cancelled"]);
      assert.equal((await runOf(id)).status, "cancelled");
      assert.equal(await life.slot(loop), null);
      assert.equal((await life.audited(`cycle/${id}`)).length, 2, "its start and its end, once each");
    });
  }
});

test("a cycle that is cancelled while it submits waits the request out before it looks for a job to cancel", async () => {
  await world.applyLoop({ name: "interrupted", ...WIRE });
  await life.withFaults([{ kind: "hang", route: "jobs.create" }], async () => {
    const before = (await life.stats()).requests["jobs.create"] ?? 0;
    const id = await life.duePulse("interrupted");
    await until("the submission", async () => ((await life.stats()).requests["jobs.create"] ?? 0) > before);
    await world.workflows.cancelCycle(id);
    await assert.rejects(life.cycleResult(id), WorkflowFailedError);
    assert.deepEqual(await waits(id), [45]);
    assert.deepEqual(await life.jobsOf(id), []);
    assert.equal((await runOf(id)).status, "cancelled");
    assert.equal(await life.slot("interrupted"), null);
  });
});

test("a cycle that is cancelled, and whose workflow is terminated before it could clean up, is cleaned up by a pulse", async () => {
  await world.applyLoop({ name: "unkempt", ...WIRE });
  await life.withFaults([{ kind: "job-stuck", status: "running" }], async () => {
    const id = await life.duePulse("unkempt");
    await life.untilRow("a running job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [id]);
    const asked = { actor: "ada", reason: "the wrong data" };
    await world.database.db.withLoop("unkempt", (tx) => cancelCycle(tx, "unkempt", id, asked, new Date()));
    await environment.client.workflow.getHandle(`cycle/${id}`).terminate("a test");
    assert.deepEqual(await life.jobsOf(id), ["running"], "nobody has cleaned up yet");
    await life.pulse("unkempt");
    assert.deepEqual(await life.jobsOf(id), ["cancelled"]);
    assert.equal((await runOf(id)).status, "cancelled");
    assert.deepEqual(await life.openAlerts("unkempt"), [`workflow_lost cycle/${id}`]);
    const entries = ["cycle.start by ratchet", "cycle.cancelled by ada", "cycle.run_ended by ratchet"];
    assert.deepEqual(await life.audited(`cycle/${id}`), entries);
    await life.pulse("unkempt");
    assert.deepEqual(await life.audited(`cycle/${id}`), entries, "and said once");
  });
});

test("when a job cannot be cancelled, the end of its cycle says that one may be left, and a pulse cancels it once it can", async () => {
  await world.applyLoop({ name: "orphaned", ...WIRE });
  let orphan = "";
  const faults: FaultInput[] = [
    { kind: "job-stuck", status: "running" },
    { kind: "500", route: "jobs.cancel" },
  ];
  await life.withFaults(faults, async () => {
    const id = await life.duePulse("orphaned");
    await life.untilRow("a running job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [id]);
    await world.workflows.cancelCycle(id);
    await assert.rejects(life.cycleResult(id), WorkflowFailedError);
    assert.deepEqual(await life.openAlerts("orphaned"), [`orphan_job ${id}/train`, `workflow_lost cycle/${id}`]);
    const { words } = await life.only("select words from alert where loop = $1 and kind = 'workflow_lost'", "orphaned");
    assert.match(words as string, /it ended as cancelled, and a job may be left at its trainer \(alert orphan_job\)$/);
    await life.pulse("orphaned");
    assert.deepEqual(await life.openAlerts("orphaned"), [`orphan_job ${id}/train`, `workflow_lost cycle/${id}`]);
    orphan = id;
  });
  assert.deepEqual(await life.jobsOf(orphan), ["running"]);
  await life.pulse("orphaned");
  assert.deepEqual(await life.jobsOf(orphan), ["cancelled"]);
  assert.deepEqual(await life.openAlerts("orphaned"), [`workflow_lost cycle/${orphan}`]);
  const [ended] = (await life.audited(`cycle/${orphan}`)).slice(-1);
  assert.equal(ended, "cycle.orphan_ended by ratchet");
});
