// What Temporal brings a second time, to the activities that change an experiment: after a worker's death, and after a reset.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import type { ActivityDeps } from "../../src/activities/deps.ts";
import { experimentActivities } from "../../src/activities/experiment.ts";
import { lookActivities } from "../../src/activities/look.ts";
import type { Workflows } from "../../src/client.ts";
import type { ExperimentCommand } from "../../src/domain/experiment.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { openAlerts } from "../../src/store/alerts.ts";
import { command } from "../../src/store/experiment/command.ts";
import { conclude } from "../../src/store/experiment/lifecycle.ts";
import { type Experiment, loadExperiment } from "../../src/store/experiment/row.ts";
import {
  ASKED,
  AT,
  faultLike,
  HOUR,
  hours,
  look,
  makeLoop,
  PARAMETERS,
  PROMOTE,
  startExperiment,
  warmUp,
} from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
let begun: Experiment;
const looked: string[] = [];
const logged: string[] = [];
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  looked.length = 0;
  logged.length = 0;
  await makeLoop(database.db, loop);
  begun = await startExperiment(database.db, loop, "candidate");
});

const within = <T>(work: Parameters<typeof database.db.withLoop<T>>[1]) => database.db.withLoop(loop, work);
const row = () => within((tx) => loadExperiment(tx, loop, begun.id));

/** The activities as the worker has them; their provider is not there, which says nothing about a model, and nobody has reset anything. */
function activities() {
  const deps = {
    db: database.db,
    providers: createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } }),
    log: pino({ level: "info" }, { write: (line) => void logged.push((JSON.parse(line) as { event: string }).event) }),
    workflows: {
      see: async () => ({ state: "running", run: "the first", reset: false }),
    } as Partial<Workflows> as Workflows,
    meter: { modelCalled() {}, looked: (phase: string, verdict: string) => void looked.push(`${phase} ${verdict}`) },
  } as Partial<ActivityDeps> as ActivityDeps;
  return { ...experimentActivities(deps), ...lookActivities(deps) };
}

/** A command as the workflow hands it on. */
const obey = (key: string, asked: ExperimentCommand, reason = "a test") =>
  activities().commandExperiment({
    loop,
    experimentId: begun.id,
    key,
    command: asked,
    actor: "ada",
    reason,
    asOf: AT.getTime(),
  });
const takeLook = (number: number, at = hours(number)) =>
  new MockActivityEnvironment().run(() =>
    activities().look({ loop, experimentId: begun.id, number, asOf: at.getTime() }),
  ) as ReturnType<ReturnType<typeof activities>["look"]>;

async function audited(): Promise<string[]> {
  const rows = await database.query("select action from audit where subject = $1 order by sequence", [
    `experiment/${begun.id}`,
  ]);
  return rows.map(({ action }) => (action as string).replace("experiment.", "")).slice(1);
}

test("an extension that comes again moves the end once, and has the same answer", async () => {
  const answers = [await obey("update/1", { kind: "extend", by: "2 days" })];
  answers.push(await obey("update/1", { kind: "extend", by: "2 days" }));
  assert.deepEqual(answers, Array(2).fill({ status: "running", outcome: null }));
  assert.equal((await row()).ends_at.getTime() - begun.ends_at.getTime(), 48 * HOUR);
  assert.deepEqual(await audited(), ["extend"]);
});

test("a zombie and the one who does its work anew extend it once between them", async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => obey("update/1", { kind: "extend", by: "2 days" })),
  );
  assert.deepEqual(answers, Array(4).fill({ status: "running", outcome: null }));
  assert.deepEqual(await audited(), ["extend"]);
});

for (const kind of ["stop", "reject"] as const)
  test(`a ${kind} that comes again is not refused for its own deed`, async () => {
    const first = await obey("update/1", { kind });
    assert.equal(first.status, "closed");
    assert.deepEqual(await obey("update/1", { kind }), first);
    await assert.rejects(
      obey("update/2", { kind }),
      faultLike("conflict", /is over/),
      "but another one comes too late",
    );
  });

test("an approval that comes again is not refused for its own deed", async () => {
  await within((tx) => look(tx, begun, 48, PROMOTE));
  const first = await obey("update/1", { kind: "approve" });
  assert.equal(first.status, "probation");
  assert.deepEqual(await obey("update/1", { kind: "approve" }), first);
  assert.deepEqual(await audited(), ["promote"]);
});

test("an approval that was refused stays refused when it comes again, whatever has been seen since", async () => {
  const refused = faultLike("conflict", /no verdict on record yet/);
  await assert.rejects(obey("update/1", { kind: "approve" }), refused);
  await within((tx) => look(tx, begun, 48, PROMOTE));
  await assert.rejects(obey("update/1", { kind: "approve" }), refused);
  assert.deepEqual(await audited(), []);
  assert.equal((await obey("update/2", { kind: "approve" })).status, "probation");
});

test("a pause that comes again does not undo what an operator has resumed since", async () => {
  await obey("signal/run/1", { kind: "pause" });
  await within((tx) => command(tx, loop, begun.id, { kind: "resume", ...ASKED }, AT));
  assert.equal((await obey("signal/run/1", { kind: "pause" })).status, "running");
  assert.equal((await row()).paused_at, null);
  assert.deepEqual(await audited(), ["pause", "resume"]);
});

test("the same words under another key, and other words under the same one, are commands of their own", async () => {
  await obey("signal/run/1", { kind: "extend", by: "1 day" });
  await obey("signal/run/2", { kind: "extend", by: "1 day" });
  await obey("signal/run/1", { kind: "extend", by: "1 day" }, "another reason");
  assert.equal((await row()).ends_at.getTime() - begun.ends_at.getTime(), 72 * HOUR);
});

test("a command to an experiment that does not exist leaves no answer behind", async () => {
  const nobody = { ...begun, id: "00000000-0000-7000-8000-000000000000" };
  const asked = { loop, experimentId: nobody.id, key: "update/1", command: { kind: "stop" as const }, ...ASKED };
  await assert.rejects(
    activities().commandExperiment({ ...asked, asOf: AT.getTime() }),
    faultLike("not_found", /no experiment/),
  );
});

test("a look that comes again is counted and told once", async () => {
  await takeLook(1);
  await takeLook(1);
  assert.deepEqual(looked, ["experiment hold"]);
  assert.deepEqual(logged, ["experiment_look"]);
});

test("a look that cannot be taken opens an alert, and the experiment goes on to its next one, which closes it", async () => {
  await within((tx) => look(tx, begun, 48, PROMOTE));
  await obey("update/1", { kind: "approve" });
  // Somebody has changed by hand what the end of the probation is to change.
  const setRole = (role: string) =>
    database.query("update model set role = $1 where id = $2", [role, begun.champion_id]);
  await setRole("retired");
  const over = new Date(AT.getTime() + PARAMETERS.probation + HOUR);
  for (const number of [49, 49]) assert.equal((await takeLook(number, over)).status, "probation");
  const alerts = await within((tx) => openAlerts(tx, loop));
  assert.deepEqual(
    alerts.map(({ kind, subject }) => [kind, subject]),
    [["look_failed", `experiment/${begun.id}`]],
  );
  assert.match(alerts[0]!.words, /^look 49 cannot be taken: .*retired/);
  assert.deepEqual(looked, []);
  assert.deepEqual(logged, ["look_failed"], "once, though it was tried twice");

  await setRole("standby");
  const standing = await takeLook(49, over);
  assert.deepEqual([standing.status, standing.outcome, standing.looks], ["closed", "promoted", 49]);
  assert.deepEqual(await within((tx) => openAlerts(tx, loop)), []);
  assert.deepEqual(looked, ["probation keep-watching"]);
});

test("with the experiment its alert ends", async () => {
  await database.query(
    "insert into alert (id, loop, kind, subject, words) values (gen_random_uuid(), $1, 'look_failed', $2, 'words')",
    [loop, `experiment/${begun.id}`],
  );
  await within((tx) => conclude(tx, loop, begun.id, { outcome: "stopped", at: AT }, ASKED));
  assert.deepEqual(await within((tx) => openAlerts(tx, loop)), []);
});
