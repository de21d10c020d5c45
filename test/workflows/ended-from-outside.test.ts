// Every workflow is terminated, cancelled and reset in every stage, as anybody with Temporal's tools can, all in loops of
// their own at once; the next pulse puts it right and says so. On the dev server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { newId } from "../../src/domain/id.ts";
import { parseLoopSettings } from "../../src/domain/loop-settings.ts";
import { TASK_QUEUE } from "../../src/domain/task-queues.ts";
import { experimentParameters } from "../../src/evidence/experiment-parameters.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { beginExperiment } from "../../src/store/experiment/lifecycle.ts";
import { addModel } from "../../src/store/models.ts";
import { rollBack } from "../../src/store/promotions.ts";
import { pulse } from "../../src/workflows/index.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { CYCLE, DEEDS, type Deed, EXPERIMENT, PULSE, tableOfEnds } from "./ended-from-outside.ts";
import { type Gate, type Gates, openGates } from "./gates.ts";
import { loopLife, QUICK, SECONDS, until } from "./loop-life.ts";

const WHO = { actor: "ada", reason: "a test" };
/** More at once would only wait for one another. */
const AT_ONCE = 16;
const BETTER = { users: 200, approval: { champion: 0.5, challenger: 0.9 } };
const WIRE = { ...QUICK, training: { trainer: "openai-wire" } };

interface Seen {
  row: unknown;
  slot: string;
  alerts: string[];
  /** What the audit has of it, without the name of the thing: "reset by ratchet" is "reset". */
  audit: string[];
  more: unknown;
}

let environment: TestWorkflowEnvironment;
let world: World;
let gates: Gates;
let life: ReturnType<typeof loopLife>;
/** What came of each, by "<workflow>/<stage>/<deed>". One that failed to get there is an error. */
const seen = new Map<string, Seen | Error>();

before(async () => {
  environment = await devServerEnvironment();
  gates = openGates();
  world = await openWorld(environment, { interceptors: [gates.interceptor] });
  life = loopLife(world);
  await liveThroughAll();
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

async function liveThroughAll(): Promise<void> {
  const cases = (workflow: string, stages: readonly { stage: string }[], live: (of: Case) => Promise<Seen>) =>
    stages.flatMap(({ stage }, index) =>
      DEEDS.map((deed) => async () => {
        const loop = `${workflow}-${index}-${deed}`;
        const outcome = await live({ loop, index, deed }).catch((error: Error) => error);
        seen.set(`${workflow}/${stage}/${deed}`, outcome);
      }),
    );
  // A job that runs until it is cancelled, for those whose job must be.
  const stuck = new Set([`cycle-${POLLED}-terminated`, `cycle-${POLLED}-cancelled`]);
  await life.withFaults([{ kind: "job-stuck", status: "running" }], () =>
    Promise.all([...stuck].map((loop) => hold(loop, POLLED, loop.split("-")[2] as Deed))),
  );
  const all = [
    ...cases("experiment", EXPERIMENT, liveExperiment),
    ...cases("pulse", PULSE, livePulse),
    ...cases("cycle", CYCLE, liveCycle),
  ];
  const take = async () => {
    for (let next = all.shift(); next !== undefined; next = all.shift()) await next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

interface Case {
  loop: string;
  index: number;
  deed: Deed;
}

/** Does it, by the client; a reset goes back to the very beginning, or to a later task of the workflow. */
async function doIt(deed: Deed, workflowId: string, task = 0): Promise<void> {
  const handle = environment.client.workflow.getHandle(workflowId);
  if (deed === "terminated") return void (await handle.terminate("a test"));
  if (deed === "cancelled") return void (await handle.cancel());
  const { events } = await handle.fetchHistory();
  await environment.client.workflowService.resetWorkflowExecution({
    namespace: environment.namespace ?? "default",
    workflowExecution: { workflowId },
    reason: "a test",
    workflowTaskFinishEventId: events!.filter((event) => event.workflowTaskCompletedEventAttributes)[task]!.eventId!,
    requestId: newId(),
  });
}

/** The same as an operator would type it. */
async function typeIt(deed: Deed, workflowId: string): Promise<void> {
  const verb = { terminated: "terminate", cancelled: "cancel", reset: "reset" }[deed];
  const reason = ["--reason", "a test"];
  const more = { terminated: reason, cancelled: [], reset: [...reason, "--type", "FirstWorkflowTask"] }[deed];
  const to = ["--address", environment.address, "--workflow-id", workflowId];
  const type = () => promisify(execFile)(process.env.RATCHET_TEST_TEMPORAL!, ["workflow", verb, ...to, ...more]);
  // A run that continues another has no task at first that one could go back to: whoever types that types it again.
  if (deed === "reset") await until("a task to go back to", () => hasTask(workflowId));
  await type().catch(async (error: Error) => {
    if (deed !== "reset") throw error;
    await until("a task to go back to", () => hasTask(workflowId)); // it went on to a new run meanwhile
    return type();
  });
}

/** Whether the newest run has done a task. */
async function hasTask(workflowId: string): Promise<boolean> {
  const { events } = await environment.client.workflow.getHandle(workflowId).fetchHistory();
  return events!.some((event) => event.workflowTaskCompletedEventAttributes);
}

/** Until a workflow that was cancelled has cleaned up after itself. */
async function untilEnded(workflowId: string): Promise<void> {
  await until(`the end of ${workflowId}`, async () => (await world.workflows.see(workflowId)).state !== "running");
}

async function look(loop: string, subject: string, row: unknown, more: unknown): Promise<Seen> {
  const slot = await life.slot(loop);
  const [kind] = subject.split("/");
  const actions = (await life.audited(subject, loop)).map((entry) =>
    entry.replace(`${kind}.`, "").replace(/ by .*/, ""),
  );
  const about = (alert: string) => alert.split(" ")[1]!.startsWith(`${kind}/`);
  const chain = await world.database.db.withLoop(loop, (tx) => verifyAudit(tx, loop));
  assert.equal(chain.broken, null);
  return {
    row,
    slot: slot === null ? "free" : slot.split("/")[0]!,
    alerts: (await life.openAlerts(loop)).filter(about).map((alert) => alert.split(" ")[0]!),
    audit: actions.filter((action) => action !== "start"),
    more,
  };
}

// Cycles ---------------------------------------------------------------------------------------

const POLLED = CYCLE.findIndex(({ stage }) => stage === "poll");
const held = new Map<string, Promise<{ id: string; gate: Gate }>>();

/** A cycle that is held in a stage; its loop's second time is the same one. */
function hold(loop: string, index: number, deed: Deed): Promise<{ id: string; gate: Gate }> {
  const made = held.get(loop) ?? begin();
  held.set(loop, made);
  return made;

  async function begin() {
    await world.applyLoop({ name: loop, ...WIRE });
    // The pulse holds the cycle back until the gate is there: the cycle's id is known only then.
    const start = gates.hold(`pulse/${loop}`, "startCycle");
    await world.talk(loop, { count: 70, approval: 0.9 });
    const pulsed = life.pulse(loop);
    await until("the cycle's row", async () => start.arrived() > 0);
    const id = (await life.only("select id from cycle where loop = $1", loop)).id as string;
    const times = deed === "reset" ? 2 : 1;
    // Submitting is waited for by a workflow that is cancelled: it must hear.
    const hearing = deed === "cancelled" && CYCLE[index]!.activity === "submitTraining";
    const gate = gates.hold(`cycle/${id}`, CYCLE[index]!.activity, { times, hearing });
    start.open();
    await pulsed;
    await until(`${loop} at ${CYCLE[index]!.activity}`, async () => gate.arrived() > 0);
    return { id, gate };
  }
}

async function liveCycle({ loop, index, deed }: Case): Promise<Seen> {
  const { id, gate } = await hold(loop, index, deed);
  await doIt(deed, `cycle/${id}`);
  if (deed === "reset") await until(`${loop} once more`, async () => gate.arrived() > 1);
  if (deed === "cancelled") await untilEnded(`cycle/${id}`);
  await life.pulse(loop);
  gate.open(); // only now those who were held do what they were about to: it must change nothing
  await gate.through();
  if (deed === "reset") await life.cycleResult(id);
  const { outcome } = await life.only("select outcome from cycle where id = $1", id);
  const [experiment] = await life.query("select id, status from experiment where cycle_id = $1", [id]);
  const started = experiment === undefined ? null : (await world.workflows.see(`experiment/${experiment.id}`)).state;
  const doubles: string[] = [];
  for (const table of ["snapshot", "training_run", "evaluation", "experiment"])
    if ((await life.query(`select 1 from ${table} where cycle_id = $1`, [id])).length > 1) doubles.push(table);
  return look(loop, `cycle/${id}`, outcome, { experiment: started, jobs: await life.jobsOf(id), doubles });
}

for (const { stage, activity, ends, job } of CYCLE)
  for (const deed of DEEDS)
    test(`a cycle that is ${deed} in the stage ${stage}`, () => {
      const { row, alerts, audit } = ends[deed];
      const goesOn = row === "experiment";
      const cancelled = activity === "pollTraining" && deed !== "reset";
      const jobs = job || goesOn ? [cancelled ? "cancelled" : "succeeded"] : [];
      const more = { experiment: goesOn ? "running" : null, jobs, doubles: [] };
      assert.deepEqual(found("cycle", stage, deed), { row, slot: goesOn ? "experiment" : "free", alerts, audit, more });
    });

// Experiments ----------------------------------------------------------------------------------

async function liveExperiment({ loop, index, deed }: Case): Promise<Seen> {
  const stage = EXPERIMENT[index]!.stage.replace(" ", "_");
  const id = await beginInStage(loop, stage);
  const many = deed === "reset" && stage === "running";
  if (many) await life.untilRow("some looks", "select 1 from look where experiment_id = $1 having count(*) >= 6", [id]);
  const before = await looksOf(id);
  // To when it knew where it stood, and had not looked yet; else as an operator would type it.
  if (many) await doIt(deed, `experiment/${id}`, 1);
  else await typeIt(deed, `experiment/${id}`);
  if (deed === "cancelled") await untilEnded(`experiment/${id}`);
  await life.pulse(loop);
  const { status, outcome } = await life.only("select status, outcome from experiment where id = $1", id);
  const row = outcome ?? status;
  const seenSoFar = await look(loop, `experiment/${id}`, row, null);
  const open = outcome === null;
  if (open) {
    const looks = await looksOf(id);
    await life.untilRow("a look after that", "select 1 from look where experiment_id = $1 having count(*) > $2", [
      id,
      looks,
    ]);
    if (status === "probation")
      await world.database.db
        .withLoop(loop, (tx) => rollBack(tx, loop, WHO, new Date()))
        .then(() => world.workflows.tellExperiment(id));
    else await life.experimentHandle(id).executeUpdate("stop", { args: [WHO] });
    await life.experimentHandle(id).result();
  }
  const numbers = await life.query("select number from look where experiment_id = $1 order by number", [id]);
  const more = {
    roles: await life.roles(loop),
    slot: await life.slot(loop),
    gaps: numbers.some((look, place) => look.number !== place + 1),
    // The first one after a reset is on record, and tells how many are: those are not waited for again. One that was under
    // way at the reset, or at the end, may make no row of its own either.
    again: many && (await lookedFor(id)) > numbers.length - before + 3,
  };
  return { ...seenSoFar, more };
}

const looksOf = async (id: string) =>
  (await life.only("select count(*)::int as looks from look where experiment_id = $1", id)).looks as number;

/** How often the newest run of an experiment has asked for a look. */
async function lookedFor(id: string): Promise<number> {
  const { events } = await life.experimentHandle(id).fetchHistory();
  return events!.filter(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === "look",
  ).length;
}

/** An experiment that an operator began, in a stage; it stays there. */
async function beginInStage(loop: string, stage: string): Promise<string> {
  const given = {
    readiness: { minFeedback: 100_000, optimalFeedback: 100_000 }, // no cycle comes after it
    experiment: SECONDS,
    promotion: { mode: stage === "probation" ? "automatic" : "approval" },
  };
  const settings = await world.applyLoop({ name: loop, ...given });
  const id = newId();
  await world.database.db.withLoop(loop, async (tx) => {
    const at = new Date();
    const provider = { provider: "sandbox", baseURL: null, model: "sandbox-base" } as const;
    const candidate = { id: newId(), loop, name: `${loop}-v1`, provider, examples: null, trainingRunId: null, at };
    const model = await addModel(tx, { ...candidate, kind: "prompt", role: "candidate" });
    const parameters = experimentParameters(parseLoopSettings(settings), null);
    await beginExperiment(tx, loop, { id, cycleId: null, challengerId: model.id, parameters, at }, WHO);
  });
  await world.workflows.startExperiment({ loop, experimentId: id });
  if (stage === "awaiting_approval" || stage === "probation") await world.tryOut(loop, BETTER);
  if (stage === "paused") await life.experimentHandle(id).executeUpdate("pause", { args: [WHO] });
  await life.untilRow(
    "a look in the stage",
    "select 1 from experiment join look on look.experiment_id = experiment.id where id = $1 and status = $2",
    [id, stage === "paused" ? "running" : stage],
  );
  return id;
}

for (const { stage, ends } of EXPERIMENT)
  for (const deed of DEEDS)
    test(`an experiment that is ${deed} while it is ${stage}`, () => {
      const { row, alerts, audit } = ends[deed];
      const said = { running: [], paused: ["pause"], "awaiting approval": ["await_approval"], probation: ["promote"] }[
        stage
      ];
      const { more, ...rest } = found("experiment", stage, deed);
      assert.deepEqual(rest, {
        row,
        slot: row === "lost" ? "free" : "experiment",
        alerts,
        audit: [...said!, ...audit],
      });
      const loop = `experiment-${EXPERIMENT.findIndex((one) => one.stage === stage)}-${deed}`;
      assert.deepEqual(more, {
        roles: { "sandbox-base": "champion", [`${loop}-v1`]: "rejected" },
        slot: null,
        gaps: false,
        again: false,
      });
    });

// Pulses ---------------------------------------------------------------------------------------

async function livePulse({ loop, index, deed }: Case): Promise<Seen> {
  const { activity } = PULSE[index]!;
  await world.applyLoop({ name: loop, ...QUICK, training: { automatic: false } }); // the cycle is not what this is about
  await world.talk(loop, { count: 70, approval: 0.9 });
  // The first activity is held behind what it does: before that, nobody can know that there was a pulse.
  const gate = gates.hold(`pulse/${loop}`, activity, { behind: activity === "reconcile" });
  const options = { taskQueue: TASK_QUEUE, workflowId: `pulse/${loop}`, args: [{ loop }] as [{ loop: string }] };
  await environment.client.workflow.start(pulse, options);
  await until(`${loop} at ${activity}`, async () => gate.arrived() > 0);
  if (activity === "reconcile")
    await life.untilRow("its mark", "select 1 from loop where name = $1 and pulse_under_way is not null", [loop]);
  await doIt(deed, `pulse/${loop}`);
  if (deed === "cancelled") await untilEnded(`pulse/${loop}`);
  if (deed === "reset") await environment.client.workflow.getHandle(`pulse/${loop}`).result();
  else await life.pulse(loop);
  gate.open();
  await gate.through();
  const [cycle] = await life.query("select id from cycle where loop = $1", [loop]);
  await life.cycleResult(cycle!.id as string);
  const cycles = await life.query("select outcome from cycle where loop = $1", [loop]);
  const lost = await life.query("select subject from audit where loop = $1 and action = 'pulse.lost'", [loop]);
  assert.equal(lost.length, 1, `${lost.length} pulses are said to be lost`);
  const { under } = await life.only("select pulse_under_way as under from loop where name = $1", loop);
  const row = cycles.length === 1 ? "one cycle" : `${cycles.length} cycles`;
  return look(loop, lost[0]!.subject as string, row, { outcome: cycles[0]!.outcome, under });
}

for (const { stage, ends } of PULSE)
  for (const deed of DEEDS)
    test(`a pulse that is ${deed} in the stage ${stage}`, () => {
      const { row, alerts, audit } = ends[deed];
      assert.deepEqual(found("pulse", stage, deed), {
        row,
        slot: "free",
        alerts,
        audit,
        more: { outcome: "prepared", under: null },
      });
    });

function found(workflow: string, stage: string, deed: Deed): Seen {
  const outcome = seen.get(`${workflow}/${stage}/${deed}`);
  if (outcome instanceof Error) throw outcome;
  assert.ok(outcome, "nobody tried it");
  return outcome;
}

// What no pulse is in time to see -----------------------------------------------------------------

test("a cycle that is reset, and over before the next pulse, says itself that it was reset; twice reset, twice", async () => {
  const loop = "reset-between-pulses";
  await world.applyLoop({ name: loop, ...QUICK });
  const id = await life.duePulse(loop);
  const { outcome } = await life.cycleResult(id);
  for (const times of [1, 2]) {
    await doIt("reset", `cycle/${id}`);
    assert.equal((await life.cycleResult(id)).outcome, outcome);
    assert.deepEqual(await life.openAlerts(loop), [`workflow_reset cycle/${id}`]);
    const said = (await life.audited(`cycle/${id}`)).filter((entry) => entry === "cycle.reset by ratchet");
    assert.equal(said.length, times);
  }
});

test("a cycle that is cancelled, and reset before it could end, ends as cancelled: no training has failed", async () => {
  const loop = "cancelled-then-reset";
  await world.applyLoop({ name: loop, ...WIRE });
  await life.withFaults([{ kind: "job-stuck", status: "running" }], async () => {
    const id = await life.duePulse(loop);
    await life.untilRow("a running job", "select 1 from training_run where cycle_id = $1 and status = 'running'", [id]);
    const ending = gates.hold(`cycle/${id}`, "endCycle");
    await doIt("cancelled", `cycle/${id}`);
    await until("its end", async () => ending.arrived() > 0);
    await doIt("reset", `cycle/${id}`);
    assert.equal((await life.cycleResult(id)).outcome, "cancelled");
    ending.open();
    await ending.through();
    assert.deepEqual(await life.audited(`cycle/${id}`), [
      "cycle.start by ratchet",
      "cycle.cancelled by ratchet",
      "cycle.reset by ratchet",
    ]);
    assert.deepEqual(await life.openAlerts(loop), [`workflow_lost cycle/${id}`, `workflow_reset cycle/${id}`]);
    assert.deepEqual(await life.jobsOf(id), ["cancelled"]);
  });
});

test("the table of ends in the documents is this one", (context) => {
  const table = tableOfEnds();
  context.diagnostic(`\n${table}`);
  const page = readFileSync(new URL("../../docs/durability.md", import.meta.url), "utf8");
  assert.ok(page.includes(table), `put this table into docs/durability.md:\n\n${table}`);
});
