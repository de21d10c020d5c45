// A/A experiments in seconds: a loop with nothing else to do compares its champion with itself, believes nothing of it, and
// makes room when there is something to learn.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { MINIMUM_FOR_PROMOTION } from "../../src/evidence/minimum.ts";
import { aaAlarms, aaCounts } from "../../src/store/experiment/calibration.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, type Row, SECONDS } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
before(async () => {
  environment = await devServerEnvironment();
  world = await openWorld(environment);
  life = loopLife(world);
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const IDLE = {
  name: "idle",
  ...QUICK,
  triggers: { newSamples: 100_000 },
  experiment: { ...SECONDS, aa: true },
  promotion: { mode: "automatic" },
};
const open = (): Promise<Row> =>
  life.only("select id, challenger_id from experiment where loop = $1 and status <> 'closed'", "idle");

test("without ratings nothing begins; with some, the champion meets itself under another name", async () => {
  await world.applyLoop(IDLE);
  assert.equal((await life.pulse("idle")).due, false);
  assert.equal(await life.slot("idle"), null, "nobody rates: it could find nothing");
  await world.talk("idle", { count: 40, approval: 0.8 });
  await life.pulse("idle");
  const { id } = await open();
  assert.equal(await life.slot("idle"), `experiment/${id}`);
  assert.deepEqual(await life.roles("idle"), { "sandbox-base": "champion", "sandbox-base-twin": "challenger" });
  const [base, twin] = await life.query("select provider, examples, kind from model where loop = 'idle' order by id");
  assert.deepEqual(twin, base, "it answers as the champion does");
  const { reason } = await life.pulse("idle");
  assert.match(reason, /^not due: /);
  assert.doesNotMatch(reason, /experiment running/, "it holds nothing back");
  assert.equal((await open()).id, id, "one at a time");
});

test("evidence that would promote ends it, promotes nothing, and counts against our promises", async () => {
  const { id } = await open();
  await world.tryOut("idle", { users: 1000, seed: 5, approval: { champion: 0.5, challenger: 0.9 } });
  const { outcome, reason } = (await life.experimentHandle(id as string).result()) as Record<string, string>;
  assert.equal(outcome, "inconclusive");
  assert.match(
    reason!,
    /^both are one model under two names \(A\/A\), and the evidence would have promoted it over itself: the challenger is/,
  );
  assert.deepEqual(await life.roles("idle"), { "sandbox-base": "champion", "sandbox-base-twin": "retired" });
  assert.deepEqual(await life.query("select kind from promotion where loop = 'idle'"), [{ kind: "first" }]);
  const counts = await world.database.db.withLoop("idle", (tx) => aaCounts(tx, "idle", MINIMUM_FOR_PROMOTION));
  assert.deepEqual(counts, {
    ended: 1,
    decided: 1,
    promoted: 1,
    asked: 0,
    harmful: 0,
    guardrail: 0,
    futile: 0,
    outOfTime: 0,
    cutShort: 0,
  });
  assert.deepEqual(await world.database.db.withLoop("idle", (tx) => aaAlarms(tx, "idle")), []);
});

test("the next pulse begins another; when a retrain is due it makes room, and shows nothing", async () => {
  await life.pulse("idle");
  const { id } = await open();
  await world.applyLoop({ ...IDLE, triggers: QUICK.triggers });
  const { due, cycleId, reason } = await life.pulse("idle");
  assert.equal(due, true, reason);
  const aside = await life.only("select status, outcome, outcome_reason, closed_by from experiment where id = $1", id);
  assert.deepEqual([aside.status, aside.outcome, aside.closed_by], ["closed", "stopped", "ratchet"]);
  assert.match(aside.outcome_reason as string, /^it compared the champion with itself, and makes room: due: /);
  assert.equal((await life.cycleResult(cycleId!)).outcome, "experiment");
  assert.equal((await life.roles("idle"))["sandbox-base-twin"], "retired");
  assert.equal(((await life.experimentHandle(id as string).result()) as Row).outcome, "stopped", "it has heard of it");
  const counts = await world.database.db.withLoop("idle", (tx) => aaCounts(tx, "idle", MINIMUM_FOR_PROMOTION));
  assert.deepEqual([counts.ended, counts.decided, counts.cutShort], [2, 1, 1]);
});
