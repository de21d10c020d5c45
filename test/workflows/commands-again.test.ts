// Commands that Temporal brings a second time: their worker died before it could tell, or somebody reset the workflow. On the
// dev server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { newId } from "../../src/domain/id.ts";
import { command } from "../../src/store/experiment/command.ts";
import { addLook } from "../../src/store/experiment/looks.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK, SECONDS, until } from "./loop-life.ts";

let environment: TestWorkflowEnvironment;
let world: World;
let life: ReturnType<typeof loopLife>;
/** Experiments whose next command is carried out, and nobody hears of it. */
const unheard = new Set<string>();
before(async () => {
  environment = await devServerEnvironment();
  const interceptor = ({ info }: { info: { activityType: string; workflowExecution?: { workflowId: string } } }) => ({
    inbound: {
      async execute<Input, Result>(input: Input, next: (input: Input) => Promise<Result>): Promise<Result> {
        const result = await next(input);
        if (info.activityType === "commandExperiment" && unheard.delete(info.workflowExecution!.workflowId))
          throw new Error("the worker died here");
        return result;
      },
    },
  });
  world = await openWorld(environment, { interceptors: [interceptor as never] });
  life = loopLife(world);
});
after(async () => {
  await world?.close();
  await environment?.teardown();
});

const SLOW = { ...SECONDS, lookEvery: "1 hour" };
const WHO = { actor: "ada", reason: "a test" };
const DAY = 86_400_000;

async function begin(loop: string): Promise<string> {
  await world.applyLoop({ name: loop, ...QUICK, experiment: SLOW });
  return life.underExperiment(loop);
}
const update = (id: string, name: string, more = {}) =>
  life.experimentHandle(id).executeUpdate(name, { args: [{ ...WHO, ...more }] });
const rowOf = (id: string) => life.only("select * from experiment where id = $1", id);
const endsAt = async (id: string) => ((await rowOf(id)).ends_at as Date).getTime();
const deeds = async (id: string) =>
  (await life.audited(`experiment/${id}`)).map((entry) => entry.replace("experiment.", "").replace(/ by .*/, ""));
const runOf = async (id: string) => (await life.experimentHandle(id).describe()).runId;

/** Resets it to its first task: everything that came since is done again. */
async function reset(id: string): Promise<void> {
  const { events } = await life.experimentHandle(id).fetchHistory();
  await environment.client.workflowService.resetWorkflowExecution({
    namespace: environment.namespace ?? "default",
    workflowExecution: { workflowId: `experiment/${id}` },
    reason: "a test",
    workflowTaskFinishEventId: events!.find((event) => event.workflowTaskCompletedEventAttributes)!.eventId!,
    requestId: newId(),
  });
}
/** Until so many commands have come to their end in the run that there is now. */
const untilObeyed = (id: string, commands: number) =>
  until(`${commands} commands`, async () => {
    const { events } = await life.experimentHandle(id).fetchHistory();
    const asked = events!.filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === "commandExperiment",
    );
    const over = new Set(
      events!.map((event) =>
        String(
          event.activityTaskCompletedEventAttributes?.scheduledEventId ??
            event.activityTaskFailedEventAttributes?.scheduledEventId,
        ),
      ),
    );
    return asked.filter(({ eventId }) => over.has(String(eventId))).length >= commands;
  });

test("an extension whose worker dies before it can tell moves the end once", async () => {
  const id = await begin("untold");
  const before = await endsAt(id);
  unheard.add(`experiment/${id}`);
  assert.deepEqual(await update(id, "extend", { by: "2 days" }), { status: "running", outcome: null });
  assert.equal(unheard.size, 0, "its first attempt was not heard of");
  assert.equal((await endsAt(id)) - before, 2 * DAY);
  assert.deepEqual(await deeds(id), ["start", "extend"]);
});

test("who stops an experiment is told so, when its worker dies before it can tell", async () => {
  const id = await begin("stopped");
  unheard.add(`experiment/${id}`);
  assert.deepEqual(await update(id, "stop"), { status: "closed", outcome: "stopped" });
  assert.equal(unheard.size, 0);
  assert.deepEqual(await deeds(id), ["start", "stopped"]);
});

test("a reset does not repeat what updates and signals have done, nor undo what was done since over HTTP", async () => {
  const id = await begin("reset");
  const before = await endsAt(id);
  await update(id, "extend", { by: "2 days" });
  for (const by of ["1 day", "1 day"]) await life.experimentHandle(id).signal("extend", { ...WHO, by });
  await life.experimentHandle(id).signal("approve", WHO); // refused: nobody has looked
  await update(id, "pause");
  await untilObeyed(id, 5);
  await world.database.db.withLoop("reset", async (tx) => {
    await command(tx, "reset", id, { kind: "resume", ...WHO }, new Date());
    const verdict = { kind: "promote", reason: "better", numbers: {} };
    await addLook(tx, "reset", id, { number: 1, phase: "experiment", at: new Date(), tallies: [], verdict });
  });
  const run = await runOf(id);
  await reset(id);
  assert.notEqual(await runOf(id), run);
  await untilObeyed(id, 5);
  const { status, paused_at: pausedAt } = await rowOf(id);
  assert.deepEqual([status, pausedAt], ["running", null]);
  assert.equal((await endsAt(id)) - before, 4 * DAY);
  assert.deepEqual(await deeds(id), ["start", "extend", "extend", "extend", "pause", "resume"]);

  await life.experimentHandle(id).signal("extend", { ...WHO, by: "1 day" });
  await untilObeyed(id, 6);
  assert.equal((await endsAt(id)) - before, 5 * DAY, "a new one is obeyed");
});

test("an experiment continues as new when an operator's command changes its status, and its look stays at its time", async () => {
  const id = await begin("anew");
  const told = async () => {
    const { currentDetails } = await life
      .experimentHandle(id)
      .query<{ currentDetails: string }>("__temporal_workflow_metadata");
    return /look (\d+) at ([^;]+);/.exec(currentDetails)?.slice(1) ?? []; // a new run has no page at first
  };
  const [, time] = await told();
  const run = await runOf(id);
  await life.experimentHandle(id).signal("extend", { ...WHO, by: "1 day" });
  await untilObeyed(id, 1);
  assert.equal(await runOf(id), run, "the status is the same");
  await world.database.db.withLoop("anew", (tx) => {
    const verdict = { kind: "promote", reason: "better", numbers: {} };
    return addLook(tx, "anew", id, { number: 1, phase: "experiment", at: new Date(), tallies: [], verdict });
  });
  assert.deepEqual(await update(id, "approve"), { status: "probation", outcome: null });
  const fresh = await until("a new run", async () => {
    const now = await runOf(id);
    return now !== run && now;
  });
  await until("its page", async () => (await told())[0] === "2");
  assert.deepEqual(await told(), ["2", time]);

  // The number of signals goes on, or this one would be taken for the first.
  await life.experimentHandle(id).signal("pause", WHO);
  await untilObeyed(id, 1);
  const keys = await life.query("select key from experiment_command where experiment_id = $1 order by at", [id]);
  assert.deepEqual(
    keys.map(({ key }) => (key as string).replace(/\/.*\//, "/…/").replace(/^update.*/, "update")),
    ["signal/…/1", "update", "signal/…/2"],
  );
  assert.ok((keys[0]!.key as string).includes(run), "and they are those of the same line of runs");
  await reset(id);
  assert.notEqual(await runOf(id), fresh);
  await untilObeyed(id, 1);
  assert.deepEqual(await deeds(id), ["start", "extend", "promote", "pause"]);
  assert.equal((await rowOf(id)).status, "probation");
});
