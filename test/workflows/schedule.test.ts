// The pulse on its schedule, the slot that keeps a loop to one thing at a time, and what a pulse puts right, on the dev server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ScheduleOverlapPolicy } from "@temporalio/client";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { SEARCH_ATTRIBUTES } from "../../src/client.ts";
import { Fault } from "../../src/domain/fault.ts";
import { TASK_QUEUE } from "../../src/domain/task-queues.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { pulse } from "../../src/workflows/index.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { type Gates, openGates } from "./gates.ts";
import { loopLife, QUICK, until } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let gates: Gates;
let life: ReturnType<typeof loopLife>;
before(async () => {
  environment = await devServerEnvironment();
  gates = openGates();
  world = await openWorld(environment, { interceptors: [gates.interceptor] });
  life = loopLife(world);
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const scheduleOf = (loop: string) => environment.client.schedule.getHandle(`pulse/${loop}`);

async function startByHand(loop: string): Promise<string> {
  const at = new Date();
  const { id } = await world.database.db.withLoop(loop, (tx) =>
    createCycle(
      tx,
      loop,
      { actor: "ada", reason: "by hand" },
      { pulse: null, watermark: 0, settingsVersion: 1, asOf: at },
    ),
  );
  return id;
}

test("a pulse's schedule skips what overlaps and catches up on a quarter of an hour, not on a year", async () => {
  await world.workflows.ensurePulse({ name: "planned", every: "30 minutes", pausedAt: null });
  const described = await scheduleOf("planned").describe();
  assert.deepEqual(
    described.spec.intervals?.map(({ every }) => every),
    [1_800_000],
  );
  assert.equal(described.policies.overlap, ScheduleOverlapPolicy.SKIP);
  assert.equal(described.policies.catchupWindow, 900_000);
  const wait = (await world.workflows.nextPulse("planned")).at!.getTime() - Date.now();
  assert.ok(wait > -1000 && wait <= 1_800_000, `the next pulse is in ${wait} ms`);
});

test("a pulse that cannot succeed ends before the next one is due, also where its schedule was made without that", async () => {
  const longest = async () => {
    const { action } = await scheduleOf("bounded").describe();
    assert.equal(action.type, "startWorkflow");
    return action.workflowRunTimeout;
  };
  await world.workflows.ensurePulse({ name: "bounded", every: "30 minutes", pausedAt: null });
  assert.equal(await longest(), 1_500_000);
  await scheduleOf("bounded").update(({ action, ...rest }) => {
    const { workflowRunTimeout: _, ...endless } = action;
    return { ...rest, action: endless };
  });
  assert.ok(!(await longest()));
  await world.workflows.ensurePulse({ name: "bounded", every: "30 minutes", pausedAt: null });
  assert.equal(await longest(), 1_500_000);
});

test("a pulse that runs out of time is told of once, by the next one, which does its work", async () => {
  const loop = "endless";
  await world.applyLoop({ name: loop, ...QUICK, training: { automatic: false } });
  await world.talk(loop, { count: 70, approval: 0.9 });
  const workflowId = `pulse/${loop}-held`;
  const gate = gates.hold(workflowId, "collect");
  const options = { taskQueue: TASK_QUEUE, workflowId, args: [{ loop }] as [{ loop: string }] };
  await environment.client.workflow.start(pulse, { ...options, workflowRunTimeout: "10 seconds" });
  await until("its collecting", async () => gate.arrived() > 0);
  await until("its end", async () => (await world.workflows.see(workflowId)).state === "out_of_time");
  const { due, cycleId } = await life.pulse(loop);
  assert.equal(due, true);
  await life.cycleResult(cycleId!);
  await life.pulse(loop);
  gate.open();
  await gate.through();
  const lost = await life.query("select subject, reason from audit where loop = $1 and action = 'pulse.lost'", [loop]);
  assert.equal(lost.length, 1);
  assert.match(lost[0]!.reason as string, /^the pulse of \S+ ran out of time before it was through: this one does/);
  assert.deepEqual(await life.openAlerts(loop), [`workflow_lost ${lost[0]!.subject}`]);
  const cycles = await life.query("select 1 from cycle where loop = $1", [loop]);
  assert.equal(cycles.length, 1);
});

test("a Temporal that lost our search attributes learns them again with the first schedule, or the first workflow", async () => {
  const { operatorService } = environment.connection;
  const forget = () =>
    operatorService.removeSearchAttributes({ namespace: "default", searchAttributes: [...SEARCH_ATTRIBUTES] });
  const known = async () =>
    Object.keys((await operatorService.listSearchAttributes({ namespace: "default" })).customAttributes);
  await forget();
  assert.ok(!(await known()).includes("Loop"));
  await world.workflows.ensurePulse({ name: "found-again", every: "30 minutes", pausedAt: null });
  const now = await known();
  assert.deepEqual(
    SEARCH_ATTRIBUTES.filter((name) => !now.includes(name)),
    [],
  );
});

test("ensuring a schedule again takes the new interval and keeps an operator's pause", async () => {
  await world.workflows.ensurePulse({ name: "kept", every: "30 minutes", pausedAt: null });
  await scheduleOf("kept").pause("the provider is being moved");
  await world.workflows.ensurePulse({ name: "kept", every: "10 minutes", pausedAt: null });
  const { spec, state, policies } = await scheduleOf("kept").describe();
  assert.deepEqual(
    spec.intervals?.map(({ every }) => every),
    [600_000],
  );
  assert.deepEqual([state.paused, state.note], [true, "the provider is being moved"]);
  assert.equal(policies.overlap, ScheduleOverlapPolicy.SKIP);
  assert.deepEqual(await world.workflows.nextPulse("kept"), { at: null, paused: "the provider is being moved" });
  await scheduleOf("kept").unpause("moved");
  const next = await world.workflows.nextPulse("kept");
  assert.ok(next.at !== null && next.paused === null);
});

test("a schedule's note says what it does, and that the loop is paused while it is", async () => {
  const since = new Date("2026-11-27T12:00:00Z");
  const note = async (pausedAt: Date | null) => {
    await world.workflows.ensurePulse({ name: "noted", every: "30 minutes", pausedAt });
    return (await scheduleOf("noted").describe()).state.note ?? "";
  };
  assert.match(await note(null), /^Looks at loop noted every 30 minutes, .*ratchet loop pause/);
  assert.match(await note(since), /^Loop noted is paused since 2026-11-27 12:00:00 UTC: .*ratchet loop resume/);
  assert.match(await note(null), /^Looks at loop noted/);
});

test("a loop without a schedule has no next pulse", async () => {
  assert.deepEqual(await world.workflows.nextPulse("nobody"), { at: null, paused: null });
});

test("pulses come by themselves on their schedule, each numbered once", async () => {
  await world.applyLoop({ name: "beating" });
  await world.workflows.ensurePulse({ name: "beating", every: "1 second", pausedAt: null });
  await life.untilRow("a third pulse", "select 1 from pulse where loop = $1 and number = 3 and due is not null", [
    "beating",
  ]);
  await scheduleOf("beating").pause("seen enough");
  const rows = await life.query("select number, reason from pulse where loop = 'beating' order by number");
  assert.deepEqual(
    rows.map((row) => row.number),
    rows.map((_, index) => String(index + 1)),
  );
  assert.match(rows[0]!.reason as string, /^not due: 0 of 500 ratings/);
});

test("a pulse can be had now, long before its time", async () => {
  await world.applyLoop({ name: "impatient" });
  await world.workflows.ensurePulse({ name: "impatient", every: "7 days", pausedAt: null });
  await world.workflows.pulseNow("impatient");
  await life.untilRow("the pulse", "select 1 from pulse where loop = $1 and due is not null", ["impatient"]);
});

test("while an experiment holds the slot nothing else begins, and everyone hears who holds it", async () => {
  await world.applyLoop({ name: "busy", ...QUICK });
  const id = await life.underExperiment("busy");
  await world.talk("busy", { count: 120, approval: 0.8, seed: 2 });
  const beat = await life.pulse("busy");
  assert.deepEqual(
    [beat.due, beat.reason, beat.cycleId],
    [false, `not due: experiment running (experiment/${id})`, null],
  );
  await assert.rejects(startByHand("busy"), (error) => {
    assert.ok(error instanceof Fault && error.code === "conflict");
    assert.equal(error.details.holder, `experiment/${id}`);
    assert.match(error.message, new RegExp(`^experiment/${id} is running since `));
    return true;
  });
  assert.equal((await life.query("select 1 from cycle where loop = 'busy'")).length, 1);
});

test("a cycle whose workflow never started is started by the next pulse", async () => {
  await world.applyLoop({ name: "forgotten" });
  const id = await startByHand("forgotten");
  assert.equal((await world.workflows.see(`cycle/${id}`)).state, "missing");
  await life.pulse("forgotten");
  assert.equal((await life.cycleResult(id)).outcome, "nothing_to_learn");
  assert.equal(await life.slot("forgotten"), null);
  assert.deepEqual(await life.openAlerts("forgotten"), [], "nobody did anything wrong");
  assert.deepEqual(await life.audited(`cycle/${id}`), [
    "cycle.start by ada",
    "cycle.start_late by ratchet",
    "cycle.nothing_to_learn by ratchet",
  ]);
});
