// How experiments end that nobody decides on in time, that people hold up or undo, or whose model goes away: in skipped
// time. All begin first; then the days pass once for all of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { newId } from "../../src/domain/id.ts";
import { experimentParameters } from "../../src/evidence/experiment-parameters.ts";
import { command } from "../../src/store/experiment/command.ts";
import { beginExperiment, conclude, promote } from "../../src/store/experiment/lifecycle.ts";
import { addModel } from "../../src/store/models.ts";
import { rollBack } from "../../src/store/promotions.ts";
import { timeSkippingEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { openGates } from "./gates.ts";
import { loopLife, QUICK, type Row, until } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
const gates = openGates();
const ids: Record<string, string> = {};

before(async () => {
  environment = await timeSkippingEnvironment();
  world = await openWorld(environment, { interceptors: [gates.interceptor] });
  life = loopLife(world);
  await liveThroughAll();
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WHO = { actor: "ada", reason: "a test" };
const DAYS = {
  share: 0.5,
  lookEvery: "12 hours",
  minEvidence: "12 hours",
  minDuration: "1 day",
  maxDuration: "3 days",
};
const BETTER = { users: 200, approval: { champion: 0.5, challenger: 0.9 } };
/** No cycle comes of the ratings that people give. */
const QUIET = { readiness: { minFeedback: 100_000, optimalFeedback: 100_000 }, experiment: DAYS };
const AUTOMATIC = { ...QUIET, promotion: { mode: "automatic" }, probation: { duration: "1 day" } };

/** An experiment that an operator begins, with a model of this name at the provider; not started yet. */
async function begin(loop: string, settings: Record<string, unknown> = QUIET, model = "sandbox-base"): Promise<string> {
  const applied = await world.applyLoop({ name: loop, ...settings });
  const id = newId();
  await world.database.db.withLoop(loop, async (tx) => {
    const at = await now();
    const provider = { provider: "sandbox", baseURL: null, model } as const;
    const tried = (await life.query("select 1 from model where loop = $1", [loop])).length;
    const candidate = {
      id: newId(),
      loop,
      name: `${loop}-v${tried}`,
      provider,
      examples: null,
      trainingRunId: null,
      at,
    };
    await addModel(tx, { ...candidate, kind: "prompt", role: "candidate" });
    const parameters = experimentParameters(applied, null);
    await beginExperiment(tx, loop, { id, cycleId: null, challengerId: candidate.id, parameters, at }, WHO);
  });
  ids[loop] = id;
  return id;
}

/** The same in a loop whose champion has replaced another before. */
async function beginAfterPromotion(loop: string, settings: Record<string, unknown> = QUIET): Promise<string> {
  const first = await begin(loop, settings);
  await world.database.db.withLoop(loop, async (tx) => {
    const at = await now();
    await promote(tx, loop, first, { verdict: { kind: "promote", reason: "a test" }, supported: true, at }, WHO);
    await conclude(tx, loop, first, { outcome: "promoted", at }, WHO);
  });
  return begin(loop, settings);
}

const now = async () => new Date(await environment.currentTimeMs());
const start = (loop: string) => world.workflows.startExperiment({ loop, experimentId: ids[loop]! });
const rowOf = (loop: string): Promise<Row> => life.only("select * from experiment where id = $1", ids[loop]);
const ask = async (loop: string, asked: Parameters<typeof command>[3]) =>
  world.database.db.withLoop(loop, async (tx) => command(tx, loop, ids[loop]!, asked, await now()));
const undo = async (loop: string) => {
  await world.database.db.withLoop(loop, async (tx) =>
    rollBack(tx, loop, { actor: "bo", reason: "complaints" }, await now()),
  );
  if (ids[loop] !== undefined) await world.workflows.tellExperiment(ids[loop]);
};
const settled = (loop: string) =>
  life.experimentHandle(ids[loop]!).result() as Promise<{ outcome: string; reason: string }>;
/** Days from its start to its end. */
async function lasted(loop: string): Promise<number> {
  const { started_at: from, closed_at: to } = await rowOf(loop);
  return ((to as Date).getTime() - (from as Date).getTime()) / DAY;
}

const facts: Record<string, unknown> = {};

async function liveThroughAll(): Promise<void> {
  // Begun, rated and told before the first moment is skipped.
  await begin("extended");
  for (const by of ["2 days", "2 days"]) await ask("extended", { kind: "extend", by, ...WHO });
  await begin("undecided");
  await begin("futile", { ...QUIET, experiment: { ...DAYS, minLift: 0.5 } });
  await world.tryOut("futile", { users: 300, approval: { champion: 0.6, challenger: 0.6 } });
  await begin("over-night", AUTOMATIC);
  await world.tryOut("over-night", BETTER);
  await ask("over-night", { kind: "pause", ...WHO });
  await begin("terminated");
  for (const loop of ["vanished", "vanished-later"]) {
    const model = await fineTuned(loop);
    await begin(loop, loop === "vanished" ? QUIET : { ...AUTOMATIC, probation: { duration: "9 days" } }, model);
  }
  await world.tryOut("vanished-later", BETTER);
  await beginAfterPromotion("undone-running");
  await beginAfterPromotion("undone-awaiting");
  await world.tryOut("undone-awaiting", BETTER);
  await beginAfterPromotion("undone-in-cycle", { ...QUICK, experiment: DAYS });
  await ask("undone-in-cycle", { kind: "stop", ...WHO });
  await begin("undone-in-probation", { ...AUTOMATIC, probation: { duration: "9 days" } });
  await world.tryOut("undone-in-probation", BETTER);
  await beginAfterPromotion("undone-after-probation");
  await ask("undone-after-probation", { kind: "stop", ...WHO });

  const begun = Object.keys(ids).filter((loop) => !["undone-in-cycle", "undone-after-probation"].includes(loop));
  await Promise.all(begun.map(start));
  await Promise.all(
    begun.map((loop) => life.untilRow(`the workflow of ${loop}`, "select 1 from loop where name = $1", [loop])),
  );
  await remove("vanished");
  // Between two looks: the server that skips time refuses whoever cancels a timer at the instant it fires, and then hangs.
  await environment.sleep("30 hours");
  facts.overNight = await life.only(
    "select status, (select verdict->>'kind' from look where experiment_id = id order by number desc limit 1) as verdict from experiment where id = $1",
    ids["over-night"],
  );
  facts.awaiting = (await rowOf("undone-awaiting")).status;
  for (const loop of ["undone-in-probation", "vanished-later"]) facts[loop] = (await rowOf(loop)).status;
  await remove("vanished-later");
  for (const loop of ["undone-running", "undone-awaiting", "undone-in-probation", "undone-after-probation"])
    await undo(loop);
  await ask("over-night", { kind: "resume", ...WHO });
  await life.experimentHandle(ids.terminated!).terminate("a test");
  await life.pulse("terminated");
  await undoneInCycle();
  // Days pass while somebody waits for a workflow; only one may, or the server that skips time loses count.
  for (const loop of Object.keys(ids)) await settled(loop).catch(() => {});
}

/** A champion is rolled back while a cycle evaluates a candidate against it. */
async function undoneInCycle(): Promise<void> {
  const loop = "undone-in-cycle";
  await world.talk(loop, { count: 70, approval: 0.9 });
  const pulsed = gates.hold(`pulse/${loop}`, "startCycle");
  const pulse = life.pulse(loop);
  await until("the cycle's row", async () => pulsed.arrived() > 0);
  const { id } = (await life.only("select id from cycle where loop = $1", loop)) as { id: string };
  const gate = gates.hold(`cycle/${id}`, "evaluate");
  pulsed.open();
  await pulse;
  const cycle = life.cycleResult(id);
  await until("the gate", async () => gate.arrived() > 0);
  await world.database.db.withLoop(loop, async (tx) => rollBack(tx, loop, WHO, await now()));
  gate.open();
  facts.cycle = (await cycle).outcome;
}

/** A model that the sandbox has trained, so that it can be removed there. */
async function fineTuned(loop: string): Promise<string> {
  const client = world.providers.client({ provider: "sandbox", baseURL: null });
  const line = (text: string) =>
    JSON.stringify({
      messages: [
        { role: "user", content: text },
        { role: "assistant", content: '{"action":"todo"}' },
      ],
    });
  const lines = world.corpus
    .slice(0, 12)
    .map(({ text }) => line(text))
    .join("\n");
  const file = await client.files.create({ file: new File([lines], `${loop}.jsonl`), purpose: "fine-tune" });
  const job = await client.fineTuning.jobs.create({ model: "sandbox-base", training_file: file.id, suffix: loop });
  return until(`the model of ${loop}`, async () => (await client.fineTuning.jobs.retrieve(job.id)).fine_tuned_model);
}
async function remove(loop: string): Promise<void> {
  const { address } = await life.only(
    "select provider->>'model' as address from model join experiment on challenger_id = model.id where experiment.id = $1",
    ids[loop],
  );
  await world.providers.client({ provider: "sandbox", baseURL: null }).models.delete(address as string);
}

test("an experiment that is extended twice outlives both of its former ends, and ends inconclusive", async () => {
  assert.equal((await settled("extended")).outcome, "inconclusive");
  const days = await lasted("extended");
  assert.ok(days >= 7 && days < 7.6, `it ended after ${days} days`);
  assert.deepEqual((await life.audited(`experiment/${ids.extended}`)).slice(1, 3), [
    "experiment.extend by ada",
    "experiment.extend by ada",
  ]);
});

test("an experiment that says nothing by maxDuration ends inconclusive, and the challenger leaves", async () => {
  const { outcome, reason } = await settled("undecided");
  assert.equal(outcome, "inconclusive", reason);
  const days = await lasted("undecided");
  assert.ok(days >= 3 && days < 3.6, `it ended after ${days} days`);
  assert.deepEqual(await life.roles("undecided"), { "sandbox-base": "champion", "undecided-v1": "rejected" });
  assert.equal(await life.slot("undecided"), null);
});

test("a challenger that will not reach the wanted lift is stopped as futile, long before maxDuration", async () => {
  const { outcome, reason } = await settled("futile");
  assert.equal(outcome, "futile", reason);
  assert.ok((await lasted("futile")) < 1.1);
  assert.deepEqual(await life.roles("futile"), { "sandbox-base": "champion", "futile-v1": "rejected" });
});

test("an experiment that is paused over night is looked at, and promoted only after it is resumed", async () => {
  assert.deepEqual(facts.overNight, { status: "running", verdict: "promote" });
  assert.equal((await settled("over-night")).outcome, "promoted");
  const told = (await life.audited(`experiment/${ids["over-night"]}`)).map((entry) => entry.replace(/ by .*/, ""));
  assert.deepEqual(
    told,
    ["start", "pause", "resume", "promote", "promoted"].map((what) => `experiment.${what}`),
  );
});

test("an experiment that is terminated is closed by the next pulse, in skipped time too", async () => {
  const { status, outcome, closed_at: closed } = await rowOf("terminated");
  assert.deepEqual([status, outcome], ["closed", "lost"]);
  const { at } = await life.only(
    "select at from audit where action = 'experiment.lost' and subject = $1",
    `experiment/${ids.terminated}`,
  );
  assert.deepEqual(at, closed);
  assert.equal(await life.slot("terminated"), null);
});

test("an experiment whose challenger is gone at the provider ends inconclusive at the next look", async () => {
  assert.deepEqual(await settled("vanished"), {
    outcome: "inconclusive",
    reason: "the provider no longer has vanished-v1 (404 model_not_found)",
  });
  assert.deepEqual(await life.roles("vanished"), { "sandbox-base": "champion", "vanished-v1": "rejected" });
  assert.equal((await life.query("select 1 from look where experiment_id = $1", [ids.vanished])).length, 1);
});

test("a new champion that goes away at the provider in its probation is rolled back at the next look", async () => {
  assert.equal(facts["vanished-later"], "probation");
  assert.deepEqual(await settled("vanished-later"), {
    outcome: "rolled_back",
    reason: "the provider no longer has vanished-later-v1 (404 model_not_found)",
  });
  assert.deepEqual(await life.roles("vanished-later"), { "sandbox-base": "champion", "vanished-later-v1": "rejected" });
  const kinds = await life.query(
    "select kind, verdict->>'reason' as reason from promotion where experiment_id = $1 order by id",
    [ids["vanished-later"]],
  );
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ["promotion", "rollback"],
  );
  assert.match(kinds[1]!.reason as string, /no longer has vanished-later-v1/);
});

for (const stage of ["running", "awaiting"] as const)
  test(`a roll back by hand while an experiment is ${stage} stops it and brings the former champion back`, async () => {
    const loop = `undone-${stage}`;
    if (stage === "awaiting") assert.equal(facts.awaiting, "awaiting_approval");
    assert.deepEqual(await settled(loop), { outcome: "stopped", reason: "the champion is rolled back: complaints" });
    const roles = { "sandbox-base": "champion", [`${loop}-v1`]: "rejected", [`${loop}-v2`]: "rejected" };
    assert.deepEqual(await life.roles(loop), roles);
    assert.equal(await life.slot(loop), null);
  });

test("a roll back by hand in probation brings the standby back", async () => {
  assert.equal(facts["undone-in-probation"], "probation");
  assert.deepEqual(await settled("undone-in-probation"), { outcome: "rolled_back", reason: "complaints" });
  const roles = { "sandbox-base": "champion", "undone-in-probation-v1": "rejected" };
  assert.deepEqual(await life.roles("undone-in-probation"), roles);
});

test("a roll back by hand after the probation brings back whom the champion had replaced", async () => {
  const loop = "undone-after-probation";
  const roles = { "sandbox-base": "champion", [`${loop}-v1`]: "rejected", [`${loop}-v2`]: "rejected" };
  assert.deepEqual(await life.roles(loop), roles);
  assert.deepEqual(
    (await life.query("select kind from promotion where loop = $1 order by id", [loop])).map(({ kind }) => kind),
    ["first", "promotion", "rollback"],
  );
});

test("a roll back by hand during a cycle leaves the cycle alone: its candidate is tried against the champion there is then", async () => {
  const loop = "undone-in-cycle";
  assert.equal(facts.cycle, "experiment");
  const champion = await life.only(
    "select name, role from model where id = (select champion_id from experiment where loop = $1 order by id desc limit 1)",
    loop,
  );
  assert.equal(champion.name, "sandbox-base");
  const undone = await life.only("select role from model where name = $1", `${loop}-v1`);
  assert.equal(undone.role, "rejected");
});
