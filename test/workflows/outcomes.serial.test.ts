// The whole cycle with its 48-hour experiment, in skipped time, for each way that it can end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { TASK_QUEUE } from "../../src/client.ts";
import { rollBack } from "../../src/store/promotions.ts";
import { pulse } from "../../src/workflows/index.ts";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";

let environment: TestWorkflowEnvironment;
let world: World;
before(async () => {
  environment = await timeSkippingEnvironment();
  world = await openWorld(environment);
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

/** Ratings until a pulse finds a retrain due, and that pulse. */
async function duePulse(loop: string): Promise<string> {
  await world.talk(loop, { count: 700, approval: 0.7 });
  const result = await environment.client.workflow.execute(pulse, {
    taskQueue: TASK_QUEUE,
    workflowId: `pulse/${loop}`,
    args: [{ loop }],
  });
  assert.equal(result.due, true, result.reason);
  return result.cycleId!;
}

const cycleOf = async (id: string) =>
  environment.client.workflow.getHandle(`cycle/${id}`).result() as Promise<{ outcome: string; reason: string }>;

async function experimentOf(loop: string): Promise<string> {
  const [row] = await world.database.query(
    "select id from experiment where loop = $1 order by started_at desc limit 1",
    [loop],
  );
  return row!.id as string;
}

const settle = async (id: string) =>
  environment.client.workflow.getHandle(`experiment/${id}`).result() as Promise<{ outcome: string; reason: string }>;

async function roles(loop: string): Promise<Record<string, string>> {
  const rows = await world.database.query("select name, role from model where loop = $1 order by id", [loop]);
  return Object.fromEntries(rows.map((row) => [row.name, row.role]));
}

async function slotIsFree(loop: string): Promise<boolean> {
  return (
    (await world.database.query("select 1 from slot where loop = $1 and released_at is null", [loop])).length === 0
  );
}

// The first test looks every half hour, as by default; the others need fewer looks to tell their story.
const settings = { readiness: { minFeedback: 300, optimalFeedback: 1000 }, triggers: { newSamples: 300 } };
const sparse = { experiment: { lookEvery: "4 hours" } };

test("a better challenger is promoted automatically after 48 hours, and kept after its probation", async () => {
  await world.applyLoop({ name: "auto", ...settings, promotion: { mode: "automatic" } });
  const cycle = await cycleOf(await duePulse("auto"));
  assert.equal(cycle.outcome, "experiment", cycle.reason);
  const id = await experimentOf("auto");
  await world.tryOut("auto", { users: 1500, approval: { champion: 0.6, challenger: 0.85 } });
  const result = await settle(id);
  assert.equal(result.outcome, "promoted", result.reason);
  assert.deepEqual(await roles("auto"), { "sandbox-base": "retired", "auto-v1": "champion" });
  const [row] = await world.database.query(
    "select count(*)::int as looks, min(at) as first, max(at) filter (where phase = 'experiment') as last from look where experiment_id = $1",
    [id],
  );
  const hours = ((row!.last as Date).getTime() - (row!.first as Date).getTime()) / 3_600_000;
  assert.ok(hours >= 47 && hours < 49.1, `promoted after ${hours} hours`);
  assert.equal(await slotIsFree("auto"), true);
});

test("with approval asked, the challenger waits and is promoted by a person's update", async () => {
  await world.applyLoop({ name: "asked", ...settings, ...sparse });
  await cycleOf(await duePulse("asked"));
  const id = await experimentOf("asked");
  await world.tryOut("asked", { users: 1500, approval: { champion: 0.6, challenger: 0.85 } });
  const handle = environment.client.workflow.getHandle(`experiment/${id}`);
  const settled = settle(id);
  await untilStatus(id, "awaiting_approval");
  await assert.rejects(
    handle.executeUpdate("approve", { args: [{ actor: "ada", reason: "" }] }),
    "an approval without a reason",
  );
  const answer = await handle.executeUpdate<{ status: string }, [unknown]>("approve", {
    args: [{ actor: "ada", reason: "looks right" }],
  });
  assert.equal(answer.status, "probation");
  assert.equal((await settled).outcome, "promoted");
  const [promotion] = await world.database.query(
    "select actor, reason, supported from promotion where loop = 'asked' and kind = 'promotion'",
  );
  assert.deepEqual(promotion, { actor: "ada (unverified, by update)", reason: "looks right", supported: true });
});

test("an operator's rejection sends the challenger away", async () => {
  await world.applyLoop({ name: "refused", ...settings });
  await cycleOf(await duePulse("refused"));
  const id = await experimentOf("refused");
  await environment.client.workflow
    .getHandle(`experiment/${id}`)
    .signal("reject", { actor: "ada", reason: "the tone is wrong" });
  const result = await settle(id);
  assert.deepEqual(result, { outcome: "rejected", reason: "the tone is wrong" });
  assert.deepEqual(await roles("refused"), { "sandbox-base": "champion", "refused-v1": "rejected" });
  assert.equal(await slotIsFree("refused"), true);
});

test("a harmful challenger is stopped long before 48 hours", async () => {
  await world.applyLoop({ name: "harm", ...settings, ...sparse });
  await cycleOf(await duePulse("harm"));
  const id = await experimentOf("harm");
  await world.tryOut("harm", { users: 1500, approval: { champion: 0.85, challenger: 0.4 } });
  const result = await settle(id);
  assert.equal(result.outcome, "harmful", result.reason);
  const [row] = await world.database.query("select count(*)::int as looks from look where experiment_id = $1", [id]);
  assert.equal(row!.looks, 1);
  assert.deepEqual(await roles("harm"), { "sandbox-base": "champion", "harm-v1": "rejected" });
});

test("a candidate that fails the gate meets no user", async () => {
  await world.applyLoop({ name: "gated", ...settings, evaluation: { goldSet: "core", minImprovement: 0.9 } });
  await world.database.query(
    `insert into gold_case (id, loop, gold_set, name, definition) select gen_random_uuid(), 'gated', 'core', 'case ' || n,
       jsonb_build_object('id', 'case ' || n, 'input', $1::text, 'expected', jsonb_build_object('action', $2::text), 'scorer', 'json-subset') from generate_series(1, 5) n`,
    [world.corpus[0]!.text, world.corpus[0]!.label],
  );
  const cycle = await cycleOf(await duePulse("gated"));
  assert.equal(cycle.outcome, "gate_failed", cycle.reason);
  assert.deepEqual(await roles("gated"), { "sandbox-base": "champion", "gated-v1": "rejected" });
  assert.equal(await slotIsFree("gated"), true);
  assert.deepEqual(await world.database.query("select 1 from experiment where loop = 'gated'"), []);
});

test("a trainer that fails ends the cycle with its reason, and the champion stays", async () => {
  await world.applyLoop({ name: "failing", ...settings, training: { trainer: "openai-wire" } });
  const faults = `${world.sandbox.url}/_sandbox/faults`;
  await fetch(faults, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind: "job-fail" }),
  });
  try {
    const cycle = await cycleOf(await duePulse("failing"));
    assert.equal(cycle.outcome, "training_failed", cycle.reason);
    assert.match(cycle.reason, /openai-wire/);
  } finally {
    await fetch(faults, { method: "DELETE" });
  }
  assert.deepEqual(await roles("failing"), { "sandbox-base": "champion" });
  assert.equal(await slotIsFree("failing"), true);
});

test("a champion that does harm in its probation is rolled back by the evidence", async () => {
  await world.applyLoop({
    name: "relapse",
    ...settings,
    experiment: { lookEvery: "8 hours" },
    promotion: { mode: "automatic" },
    probation: { duration: "120 days" }, // time is skipped while people rate: it must not run out before they have
  });
  await cycleOf(await duePulse("relapse"));
  const id = await experimentOf("relapse");
  await world.tryOut("relapse", { users: 1500, approval: { champion: 0.6, challenger: 0.85 } });
  const settled = settle(id);
  await untilStatus(id, "probation");
  await world.tryOut("relapse", { users: 900, seed: 3, approval: { champion: 0.3, standby: 0.8 } });
  const result = await settled;
  assert.equal(result.outcome, "rolled_back", result.reason);
  assert.deepEqual(await roles("relapse"), { "sandbox-base": "champion", "relapse-v1": "rejected" });
});

test("a roll back by hand in probation is one command, and the workflow hears of it", async () => {
  await world.applyLoop({ name: "undone", ...settings, ...sparse, promotion: { mode: "automatic" } });
  await cycleOf(await duePulse("undone"));
  const id = await experimentOf("undone");
  await world.tryOut("undone", { users: 1500, approval: { champion: 0.6, challenger: 0.85 } });
  const settled = settle(id);
  await untilStatus(id, "probation");
  await world.database.db.withLoop("undone", (tx) =>
    rollBack(tx, "undone", { actor: "ada", reason: "people complain" }, new Date()),
  );
  await world.workflows.tellExperiment(id);
  assert.equal((await settled).outcome, "rolled_back");
  assert.deepEqual(await roles("undone"), { "sandbox-base": "champion", "undone-v1": "rejected" });
  assert.equal(await slotIsFree("undone"), true);
});

async function untilStatus(id: string, status: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    const [row] = await world.database.query("select status from experiment where id = $1", [id]);
    if (row?.status === status) return;
    assert.notEqual(row?.status, "closed", `the experiment closed before it was ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`the experiment never was ${status}`);
}
