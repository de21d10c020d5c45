// The whole cycle with its 48-hour experiment and its probation, in skipped time. All loops begin first; then the days pass
// once for all of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
const ids: Record<string, string> = {};
before(async () => {
  environment = await timeSkippingEnvironment();
  world = await openWorld(environment);
  life = loopLife(world);
  await beginAll();
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const HOUR = 3_600_000;
const BETTER = { users: 200, approval: { champion: 0.5, challenger: 0.9 } };
const SPARSE = { share: 0.5, lookEvery: "4 hours" };

const settled = (loop: string) =>
  life.experimentHandle(ids[loop]!).result() as Promise<{ outcome: string; reason: string }>;

async function beginAll(): Promise<void> {
  const lives = {
    // Looks every half hour, as by default; the others need fewer looks to tell their story.
    auto: { ...QUICK, experiment: { share: 0.5 }, promotion: { mode: "automatic" } },
    asked: { ...QUICK, experiment: SPARSE },
    harm: { ...QUICK, experiment: SPARSE },
    relapse: {
      ...QUICK,
      experiment: { ...SPARSE, lookEvery: "8 hours" },
      promotion: { mode: "automatic" },
      probation: { duration: "120 days", holdback: 0.3 }, // time is skipped while people rate: it must not run out before
    },
  };
  for (const [loop, settings] of Object.entries(lives)) {
    await world.applyLoop({ name: loop, ...settings });
    ids[loop] = await life.underExperiment(loop);
    const worse = { users: 200, approval: { champion: 0.85, challenger: 0.4 } };
    await world.tryOut(loop, loop === "harm" ? worse : BETTER);
  }
}

async function untilStatus(loop: string, status: string): Promise<void> {
  for (let passed = 0; passed < 40; passed++) {
    const row = await life.only("select status from experiment where id = $1", ids[loop]);
    if (row.status === status) return void (await environment.sleep("1 hour")); // from the look: see experiment-ends.test.ts
    assert.notEqual(row.status, "closed", `the experiment closed before it was ${status}`);
    await environment.sleep("8 hours");
  }
  assert.fail(`the experiment never was ${status}`);
}

test("a harmful challenger is stopped long before 48 hours", async () => {
  const result = await settled("harm");
  assert.equal(result.outcome, "harmful", result.reason);
  const { hours } = await life.only(
    "select extract(epoch from closed_at - started_at)::float8 / 3600 as hours from experiment where id = $1",
    ids.harm,
  );
  assert.ok((hours as number) < 9, `it was stopped after ${hours} hours`);
  assert.deepEqual(await life.roles("harm"), { "sandbox-base": "champion", "harm-v1": "rejected" });
});

test("with approval asked, the challenger waits and is promoted by a person's update", async () => {
  await untilStatus("asked", "awaiting_approval");
  const approve = (reason: string) =>
    life
      .experimentHandle(ids.asked!)
      .executeUpdate<{ status: string }, [unknown]>("approve", { args: [{ actor: "ada", reason }] });
  await assert.rejects(approve(""), "an approval without a reason");
  assert.equal((await approve("looks right")).status, "probation");
  assert.equal((await settled("asked")).outcome, "promoted");
  const promotion = await life.only(
    "select actor, reason, supported from promotion where kind = 'promotion' and loop = $1",
    "asked",
  );
  assert.deepEqual(promotion, { actor: "ada (unverified, by update)", reason: "looks right", supported: true });
});

test("a better challenger is promoted automatically after 48 hours, and kept after its probation", async () => {
  const result = await settled("auto");
  assert.equal(result.outcome, "promoted", result.reason);
  assert.deepEqual(await life.roles("auto"), { "sandbox-base": "retired", "auto-v1": "champion" });
  const row = await life.only(
    `select experiment.started_at as from, promotion.at as promoted, experiment.closed_at as to
     from experiment join promotion on promotion.experiment_id = experiment.id where experiment.id = $1`,
    ids.auto,
  );
  const hours = (from: unknown, to: unknown) => ((to as Date).getTime() - (from as Date).getTime()) / HOUR;
  const proof = hours(row.from, row.promoted);
  assert.ok(proof >= 48 && proof < 49.1, `promoted after ${proof} hours`);
  const probation = hours(row.promoted, row.to);
  assert.ok(probation >= 48 && probation < 49.1, `kept after ${probation} hours`);
  assert.equal(await life.slot("auto"), null);
});

test("a champion that does harm in its probation is rolled back by the evidence", async () => {
  await untilStatus("relapse", "probation");
  await world.tryOut("relapse", { users: 300, seed: 3, approval: { champion: 0.3, standby: 0.8 } });
  const result = await settled("relapse");
  assert.equal(result.outcome, "rolled_back", result.reason);
  assert.deepEqual(await life.roles("relapse"), { "sandbox-base": "champion", "relapse-v1": "rejected" });
});

test("a candidate that fails the gate meets no user", async () => {
  await world.applyLoop({ name: "gated", ...QUICK, evaluation: { goldSet: "core", minImprovement: 0.9 } });
  await world.database.query(
    `insert into gold_case (id, loop, gold_set, name, definition) select gen_random_uuid(), 'gated', 'core', 'case ' || n,
       jsonb_build_object('id', 'case ' || n, 'input', $1::text, 'expected', jsonb_build_object('action', $2::text), 'scorer', 'json-subset') from generate_series(1, 5) n`,
    [world.corpus[0]!.text, world.corpus[0]!.label],
  );
  const cycle = await life.cycleResult(await life.duePulse("gated"));
  assert.equal(cycle.outcome, "gate_failed", cycle.reason);
  assert.deepEqual(await life.roles("gated"), { "sandbox-base": "champion", "gated-v1": "rejected" });
  assert.equal(await life.slot("gated"), null);
  assert.deepEqual(await life.query("select 1 from experiment where loop = 'gated'"), []);
});
