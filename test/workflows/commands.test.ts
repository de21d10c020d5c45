// Operators' commands to an experiment, by Update and by Signal, and the story that Temporal's Web UI shows of it, on the dev server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import { defaultPayloadConverter } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { Fault } from "../../src/domain/fault.ts";
import { command } from "../../src/store/experiment/command.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, SECONDS, until } from "./loop-life.ts";

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

const SLOW = { ...SECONDS, lookEvery: "1 hour" };
const WHO = { actor: "ada", reason: "a test" };

const update = (id: string, name: string, payload: unknown) =>
  life
    .experimentHandle(id)
    .executeUpdate<{ status: string; outcome: string | null }, [unknown]>(name, { args: [payload] });

const rowOf = (id: string) => life.only("select * from experiment where id = $1", id);

/** What the Update's refusal said, the innermost cause. */
async function refusalOf(id: string, name: string, payload: unknown): Promise<string> {
  try {
    await update(id, name, payload);
  } catch (error) {
    assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
    let cause: Error = error;
    while (cause.cause instanceof Error) cause = cause.cause;
    return cause.message;
  }
  return assert.fail(`${name} was accepted`);
}

test("updates answer with what became of the experiment, and are on record as unverified", async () => {
  await world.applyLoop({ name: "updated", ...QUICK, experiment: SLOW });
  const id = await life.underExperiment("updated");
  assert.deepEqual(await update(id, "pause", WHO), { status: "running", outcome: null });
  assert.notEqual((await rowOf(id)).paused_at, null);
  assert.deepEqual(await update(id, "resume", WHO), { status: "running", outcome: null });
  assert.equal((await rowOf(id)).paused_at, null);

  const before = (await rowOf(id)).ends_at as Date;
  await update(id, "extend", { ...WHO, by: "36 hours" });
  assert.equal(((await rowOf(id)).ends_at as Date).getTime() - before.getTime(), 36 * 3_600_000);

  assert.deepEqual(await update(id, "stop", WHO), { status: "closed", outcome: "stopped" });
  assert.deepEqual(await life.experimentHandle(id).result(), { outcome: "stopped", reason: "a test" });
  assert.deepEqual(await life.roles("updated"), { "sandbox-base": "champion", "updated-v1": "rejected" });
  assert.equal(await life.slot("updated"), null);
  const by = "ada (unverified, by update)";
  assert.deepEqual(await life.audited(`experiment/${id}`), [
    "experiment.start by ratchet",
    `experiment.pause by ${by}`,
    `experiment.resume by ${by}`,
    `experiment.extend by ${by}`,
    `experiment.stopped by ${by}`,
  ]);
});

test("signals of the same names do the same, marked as signals; one that is wrong changes nothing", async () => {
  await world.applyLoop({ name: "signalled", ...QUICK, experiment: SLOW });
  const id = await life.underExperiment("signalled");
  const handle = life.experimentHandle(id);
  const before = (await rowOf(id)).ends_at as Date;
  await handle.signal("stop", { actor: "", reason: "nobody says so" });
  await handle.signal("stop", { actor: "ada" });
  await handle.signal("stop");
  await handle.signal("extend", { ...WHO, by: "soon" });
  await handle.signal("shout", WHO);
  const page = async () =>
    ((await handle.query("__temporal_workflow_metadata")) as { currentDetails: string }).currentDetails;
  await until("why it is not obeyed", async () => /\*\*Not obeyed:\*\* there is no signal "shout"/.test(await page()));
  await handle.signal("approve", WHO); // refused by the row: there is no verdict yet
  await until("the row's refusal", async () =>
    /\*\*Not obeyed:\*\* a signal "approve": there is no/.test(await page()),
  );
  await handle.signal("pause", WHO);
  await handle.signal("resume", WHO);
  await handle.signal("extend", { ...WHO, by: "2 days" });
  await handle.signal("reject", { actor: "ada", reason: "the tone is wrong" });
  assert.deepEqual(await handle.result(), { outcome: "rejected", reason: "the tone is wrong" });
  assert.equal(((await rowOf(id)).ends_at as Date).getTime() - before.getTime(), 2 * 86_400_000);
  const by = "ada (unverified, by signal)";
  assert.deepEqual(
    await life.audited(`experiment/${id}`),
    [
      "experiment.start by ratchet",
      `experiment.pause by ${by}`,
      `experiment.resume by ${by}`,
      `experiment.extend by ${by}`,
      `experiment.rejected by ${by}`,
    ],
    "in the order in which they were sent",
  );
});

test("an update without a name, without a reason or with a wrong duration is refused before anything happens", async () => {
  await world.applyLoop({ name: "strict", ...QUICK, experiment: SLOW });
  const id = await life.underExperiment("strict");
  for (const name of ["approve", "reject", "extend", "stop", "pause", "resume"]) {
    assert.match(await refusalOf(id, name, { reason: "why" }), /the actor is missing/);
    assert.match(await refusalOf(id, name, { actor: "  ", reason: "why" }), /the actor is missing/);
    assert.match(await refusalOf(id, name, undefined), /the actor is missing/);
    assert.match(await refusalOf(id, name, { actor: "ada", reason: " " }), new RegExp(`${name} needs a reason`));
  }
  assert.match(await refusalOf(id, "extend", { ...WHO, by: "a while" }), /"a while" is not a duration/);
  assert.match(await refusalOf(id, "extend", WHO), /"" is not a duration/);
  assert.match(await refusalOf(id, "approve", WHO), /no verdict on record yet/);
  assert.deepEqual(await life.audited(`experiment/${id}`), ["experiment.start by ratchet"]);
  const { events } = await life.experimentHandle(id).fetchHistory();
  const accepted = events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
  assert.equal(accepted.length, 1, "only the approval, which is for the row to refuse, came into the history");
});

test("a command to an experiment that is over is answered from its row: who, when and what", async () => {
  await world.applyLoop({ name: "over", ...QUICK, experiment: SLOW });
  const id = await life.underExperiment("over");
  await update(id, "reject", WHO);
  await life.experimentHandle(id).result();
  await assert.rejects(update(id, "approve", WHO), WorkflowNotFoundError);
  await assert.rejects(life.experimentHandle(id).signal("approve", WHO), WorkflowNotFoundError);
  const closed = ((await rowOf(id)).closed_at as Date).toISOString();
  const late = world.database.db.withLoop("over", (tx) =>
    command(tx, "over", id, { kind: "approve", actor: "bo", reason: "too late" }, new Date()),
  );
  await assert.rejects(late, (error) => {
    assert.ok(error instanceof Fault && error.code === "conflict");
    assert.deepEqual(error.details, { who: "ada (unverified, by update)", when: closed, what: "rejected" });
    return true;
  });
  await world.workflows.tellExperiment(id); // nobody is there to hear, and nobody minds
});

test("a paused experiment is not promoted until it is resumed", async () => {
  await world.applyLoop({ name: "frozen", ...QUICK, experiment: SECONDS, promotion: { mode: "automatic" } });
  const id = await life.underExperiment("frozen");
  await update(id, "pause", WHO);
  await world.tryOut("frozen", { users: 200, approval: { champion: 0.5, challenger: 0.9 } });
  await life.untilRow(
    "two looks that would promote",
    "select 1 from look where experiment_id = $1 and verdict->>'kind' = 'promote' having count(*) >= 2",
    [id],
  );
  assert.equal((await rowOf(id)).status, "running");
  await update(id, "resume", WHO);
  await life.untilRow("its promotion", "select 1 from promotion where experiment_id = $1", [id]);
});

test("a paused experiment is stopped for harm all the same", async () => {
  await world.applyLoop({ name: "shielded", ...QUICK, experiment: SECONDS });
  const id = await life.underExperiment("shielded");
  await update(id, "pause", WHO);
  await world.tryOut("shielded", { users: 200, approval: { champion: 0.9, challenger: 0.3 } });
  assert.equal(((await life.experimentHandle(id).result()) as { outcome: string }).outcome, "harmful");
});

test("an experiment that is extended outlives its former end", async () => {
  await world.applyLoop({ name: "longer", ...QUICK, experiment: { ...SECONDS, maxDuration: "2 seconds" } });
  const id = await life.underExperiment("longer");
  await update(id, "extend", { ...WHO, by: "2 seconds" });
  const result = (await life.experimentHandle(id).result()) as { outcome: string };
  assert.equal(result.outcome, "inconclusive");
  const row = await rowOf(id);
  const seconds = ((row.closed_at as Date).getTime() - (row.started_at as Date).getTime()) / 1000;
  assert.ok(seconds >= 4, `it ended after ${seconds} seconds`);
});

test("what a row says after a command past Temporal reaches the workflow when it is told, not at the next look", async () => {
  await world.applyLoop({ name: "told", ...QUICK, experiment: SLOW });
  const id = await life.underExperiment("told");
  await world.database.db.withLoop("told", (tx) =>
    command(tx, "told", id, { kind: "stop", actor: "ada", reason: "by the API" }, new Date()),
  );
  await world.workflows.tellExperiment(id);
  assert.deepEqual(await life.experimentHandle(id).result(), { outcome: "stopped", reason: "by the API" });
});

test("the Web UI tells the story: attributes to find it by, current details, a summary on every activity and timer", async () => {
  await world.applyLoop({ name: "legible", ...QUICK, experiment: SLOW });
  const cycleId = await life.duePulse("legible");
  await life.cycleResult(cycleId);
  const { id } = (await life.only("select id from experiment where loop = $1", "legible")) as { id: string };
  const handle = life.experimentHandle(id);

  // It has begun, but perhaps not read its row yet.
  const currentDetails = await until(
    "its details",
    async () => (await handle.query<{ currentDetails: string }>("__temporal_workflow_metadata")).currentDetails,
  );
  const instant = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/.source;
  for (const part of [
    /^\*\*What:\*\* challenger legible-v1 answers 50 % of the users, champion sandbox-base the rest\n/,
    /\n\*\*Why:\*\* nobody has looked at the evidence yet\n/,
    new RegExp(
      `\\n\\*\\*Next:\\*\\* look 1 at ${instant}; looks every 60 minutes, .*nothing is promoted before ${instant}`,
    ),
    new RegExp(
      `\\n\\*\\*See:\\*\\* \\[cycle/${cycleId}\\]\\(/namespaces/default/workflows/cycle%2F${cycleId}\\) · \\[all of`,
    ),
  ])
    assert.match(currentDetails, part);
  assert.equal(await (await handle.describe()).staticSummary(), "experiment of legible");
  assert.match((await (await handle.describe()).staticDetails()) ?? "", /closed by the next pulse/);
  await listed('`Loop` = "legible" and Stage = "running" and Verdict = "no verdict yet"', [`experiment/${id}`]);
  await listed('`Loop` = "legible" and Stage = "done"', [`cycle/${cycleId}`]);

  await update(id, "reject", WHO);
  await handle.result();
  await listed('Verdict = "rejected" and Actor = "ada (unverified, by update)" and `Loop` = "legible"', [
    `experiment/${id}`,
  ]);

  for (const workflowId of ["pulse/legible", `cycle/${cycleId}`, `experiment/${id}`]) {
    const { events } = await environment.client.workflow.getHandle(workflowId).fetchHistory();
    const steps = events!.filter(
      (event) => event.activityTaskScheduledEventAttributes || event.timerStartedEventAttributes,
    );
    assert.ok(steps.length >= 2, `${workflowId} has ${steps.length} steps`);
    for (const step of steps) {
      const name = step.activityTaskScheduledEventAttributes?.activityType?.name ?? "a timer";
      const summary = step.userMetadata?.summary;
      assert.ok(summary, `${workflowId}: ${name} has no summary`);
      assert.match(defaultPayloadConverter.fromPayload<string>(summary), /\w/, `${workflowId}: ${name}`);
    }
  }
});

test("every filter in the guide is one that Temporal understands", async () => {
  const guide = readFileSync(new URL("../../docs/operate.md", import.meta.url), "utf8");
  const table = /### Filters worth saving\n([\s\S]*?)\n##/.exec(guide)![1]!;
  const filters = [...table.matchAll(/^\| (?:``|`)(.+?)(?:``|`) \|/gm)].map(([, filter]) => filter!.trim());
  assert.ok(filters.length >= 6, `${filters.length} filters`);
  for (const filter of filters) assert.equal(typeof (await environment.client.workflow.count(filter)).count, "number");
  await assert.rejects(environment.client.workflow.count("Nobody = 1"), "one that it does not understand is an error");
});

/** Until a list shows exactly these workflows: it runs a little behind. (LOOP is a word of the query language: in backticks.) */
async function listed(query: string, ids: string[]): Promise<void> {
  let found: string[] = [];
  await until(`${query} listing ${ids}`, async () => {
    found = [];
    for await (const { workflowId } of environment.client.workflow.list({ query })) found.push(workflowId);
    return JSON.stringify(found) === JSON.stringify(ids);
  });
}
