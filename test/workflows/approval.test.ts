// Waiting for a person's approval, in skipped time: what happens when nobody comes, and meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK } from "./loop-life.ts";

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

const DAYS = { share: 0.5, lookEvery: "12 hours" };
const HOUR = 3_600_000;

/** A loop whose challenger is better, and waits for a person since the look at 48 hours. */
async function awaiting(loop: string): Promise<string> {
  await world.applyLoop({ name: loop, ...QUICK, experiment: DAYS, promotion: { approvalTimeout: "7 days" } });
  const id = await life.underExperiment(loop);
  await world.tryOut(loop, { users: 200, approval: { champion: 0.5, challenger: 0.9 } });
  for (let passed = 0; passed < 10; passed++) {
    const { status } = await life.only("select status from experiment where id = $1", id);
    // Not at the instant of a look: see experiment-ends.test.ts.
    await environment.sleep(status === "awaiting_approval" ? "1 hour" : "12 hours");
    if (status === "awaiting_approval") return id;
  }
  return assert.fail("it never asked for approval");
}

const settled = (id: string) => life.experimentHandle(id).result() as Promise<{ outcome: string; reason: string }>;

test("a promotion that nobody approves in time does not happen", async () => {
  const id = await awaiting("lonely");
  const row = await life.only("select started_at, approval_until, ends_at from experiment where id = $1", id);
  const result = await settled(id);
  assert.equal(result.outcome, "approval_timed_out");
  assert.match(result.reason, /^nobody approved it until .*: the champion stays$/);
  const { closed_at } = await life.only("select closed_at from experiment where id = $1", id);
  const hours = ((closed_at as Date).getTime() - (row.approval_until as Date).getTime()) / HOUR;
  assert.ok(hours >= 0 && hours <= 12.1, `it was closed ${hours} hours after the time`);
  assert.deepEqual(await life.roles("lonely"), { "sandbox-base": "champion", "lonely-v1": "rejected" });
  assert.equal(await life.slot("lonely"), null);
  assert.deepEqual(await life.query("select 1 from promotion where loop = 'lonely' and kind = 'promotion'"), []);
});

test("looks go on while a person is waited for, and harm still stops", async () => {
  const id = await awaiting("souring");
  const before = await life.only("select max(number) as number from look where experiment_id = $1", id);
  await world.tryOut("souring", { users: 800, approval: { champion: 0.9, challenger: 0.1 }, seed: 5 });
  assert.equal((await settled(id)).outcome, "harmful");
  const last = await life.only("select max(number) as number from look where experiment_id = $1", id);
  assert.equal(last.number, (before.number as number) + 1);
});

test("an extension gives the approver more time, too", async () => {
  const id = await awaiting("patient");
  const before = await life.only("select approval_until from experiment where id = $1", id);
  await life
    .experimentHandle(id)
    .executeUpdate("extend", { args: [{ actor: "ada", reason: "on holiday", by: "3 days" }] });
  const row = await life.only("select approval_until from experiment where id = $1", id);
  assert.equal((row.approval_until as Date).getTime() - (before.approval_until as Date).getTime(), 72 * HOUR);
  assert.equal((await settled(id)).outcome, "approval_timed_out");
  const { closed_at } = await life.only("select closed_at from experiment where id = $1", id);
  assert.ok((closed_at as Date) >= (row.approval_until as Date), "it was closed before its time");
});

test("an operator can promote past the evidence, and it stays marked", async () => {
  await world.applyLoop({ name: "daring", ...QUICK, experiment: DAYS, probation: { duration: "1 day" } });
  const id = await life.underExperiment("daring");
  await environment.sleep("13 hours");
  const handle = life.experimentHandle(id);
  const ask = (payload: Record<string, unknown>) =>
    handle.executeUpdate<{ status: string }, [unknown]>("approve", { args: [{ actor: "ada", ...payload }] });
  await assert.rejects(ask({ reason: "I like it" }), "without an override the evidence decides");
  assert.equal((await ask({ reason: "I like it", override: true })).status, "probation");
  assert.equal((await settled(id)).outcome, "promoted");
  const promotion = await life.only("select supported, reason from promotion where experiment_id = $1", id);
  assert.deepEqual(promotion, { supported: false, reason: "I like it" });
});
