// Records the histories that replay.test.ts replays: every workflow, every way it can end, and one in the middle. `npm run histories`
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { rollBack } from "../../src/store/promotions.ts";
import { timeSkippingEnvironment, within } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { loopLife, QUICK } from "../workflows/loop-life.ts";
import { neutral } from "./neutral.ts";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const WHO = { actor: "ada", reason: "a recording" };
const WIRE = { ...QUICK, training: { trainer: "openai-wire" } };
/** Few looks: a look is eleven events. */
const SHORT = {
  ...QUICK,
  experiment: {
    share: 0.5,
    lookEvery: "12 hours",
    minEvidence: "12 hours",
    minDuration: "24 hours",
    maxDuration: "3 days",
  },
  probation: { duration: "1 day" },
};
const AUTOMATIC = { ...SHORT, promotion: { mode: "automatic" } };
const BETTER = { users: 200, approval: { champion: 0.5, challenger: 0.9 } };

const recorded = new Map<string, string>();

async function record(world: World): Promise<void> {
  const life = loopLife(world);
  const { client } = world.environment;
  const { db } = world.database;
  const cycleEnd = (id: string) => life.cycleResult(id).catch(() => {});
  const experimentEnd = (id: string) => life.experimentHandle(id).result();

  /** Writes every run of a workflow, the first one first: `name`, or `name-1`, `name-2`, … */
  async function keep(name: string, workflowId: string): Promise<void> {
    const runs: unknown[] = [];
    for (let runId: string | undefined; ; ) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      runs.unshift(JSON.parse(historyToJSON(history)));
      const before = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
      if (!before) break;
      runId = before;
    }
    for (const [index, run] of runs.entries()) {
      const file = runs.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`;
      recorded.set(file, `${JSON.stringify(neutral(run), null, 1)}\n`);
      process.stdout.write(`${file}\n`);
    }
  }

  async function cycle(name: string, settings: Record<string, unknown>, faults: FaultInput[] = []) {
    await world.applyLoop({ name, ...settings });
    await life.withFaults(faults, async () => {
      const id = await life.duePulse(name);
      await cycleEnd(id);
      await keep(`cycle-${name}`, `cycle/${id}`);
    });
  }

  /** An experiment under way whose name is its loop's, its people having come. */
  async function experiment(name: string, settings: Record<string, unknown>, people = BETTER): Promise<string> {
    await world.applyLoop({ name, ...settings });
    const id = await life.underExperiment(name);
    await world.tryOut(name, people);
    return id;
  }
  async function untilStatus(id: string, status: string): Promise<void> {
    while ((await life.only("select status from experiment where id = $1", id)).status !== status)
      await world.environment.sleep("12 hours");
  }

  await world.applyLoop({ name: "pulses", ...QUICK });
  await life.pulse("pulses");
  await keep("pulse-not-due", "pulse/pulses");
  await life.duePulse("pulses");
  await keep("pulse-due", "pulse/pulses");

  await cycle("to-experiment", WIRE, [
    { kind: "429", route: "jobs.create", times: 1, retryAfterSeconds: 600 },
    { kind: "accept-then-reset", route: "jobs.create", times: 1 },
  ]);
  await cycle("promoted", { ...QUICK, experiment: { enabled: false }, probation: { duration: "1 day" } });
  await cycle("training-failed", WIRE, [{ kind: "job-fail" }]);
  await cycle("training-refused", WIRE, [{ kind: "403", route: "jobs.create" }]);
  await cycle("files-refused", WIRE, [{ kind: "403", route: "files" }]);
  await cycle("out-of-time", { ...QUICK, training: { trainer: "openai-wire", deadline: "20 seconds" } }, [
    { kind: "job-stuck", status: "running" },
  ]);
  await cycle("prepared", { ...QUICK, training: { trainer: "openai-wire", automatic: false } });
  await world.applyLoop({ name: "gate-failed", ...QUICK });
  await world.database.query(
    `insert into gold_case (id, loop, gold_set, name, definition) values (gen_random_uuid(), 'gate-failed', 'core', 'one',
       jsonb_build_object('id', 'one', 'input', $1::text, 'expected', jsonb_build_object('action', $2::text), 'scorer', 'json-subset'))`,
    [world.corpus[0]!.text, world.corpus[0]!.label],
  );
  await cycle("gate-failed", { ...QUICK, evaluation: { goldSet: "core", minImprovement: 1 } });
  await nothingToLearn();
  await cancelled("cancelled-submitting", { kind: "hang", route: "jobs.create" }, "intended");
  await cancelled("cancelled-training", { kind: "job-stuck", status: "running" }, "running");

  const asked = await experiment("approved", SHORT);
  await untilStatus(asked, "awaiting_approval");
  await life.experimentHandle(asked).executeUpdate("approve", { args: [WHO] });
  await experimentEnd(asked);
  await keep("experiment-approved", `experiment/${asked}`);

  const refused = await experiment("rejected", SHORT);
  await life.experimentHandle(refused).signal("pause", WHO);
  await life.experimentHandle(refused).signal("reject", WHO);
  await experimentEnd(refused);
  await keep("experiment-rejected", `experiment/${refused}`);

  const lonely = await experiment("not-approved", { ...SHORT, promotion: { approvalTimeout: "1 day" } });
  await experimentEnd(lonely);
  await keep("experiment-approval-timed-out", `experiment/${lonely}`);

  const harmful = await experiment("harmful", SHORT, { users: 200, approval: { champion: 0.9, challenger: 0.3 } });
  await experimentEnd(harmful);
  await keep("experiment-harmful", `experiment/${harmful}`);

  const undone = await experiment("rolled-back", AUTOMATIC);
  await untilStatus(undone, "probation");
  await db.withLoop("rolled-back", (tx) => rollBack(tx, "rolled-back", WHO, new Date()));
  await world.workflows.tellExperiment(undone);
  await experimentEnd(undone);
  await keep("experiment-rolled-back", `experiment/${undone}`);

  const open = await experiment("open", SHORT, { users: 20, approval: { champion: 0.5, challenger: 0.5 } });
  await world.environment.sleep("13 hours");
  await life.experimentHandle(open).executeUpdate("extend", { args: [{ ...WHO, by: "2 days" }] });
  await world.environment.sleep("12 hours");
  await keep("experiment-under-way", `experiment/${open}`);

  async function nothingToLearn(): Promise<void> {
    await world.applyLoop({ name: "empty", ...QUICK });
    const { id } = await db.withLoop("empty", (tx) =>
      createCycle(tx, "empty", WHO, { pulse: null, watermark: 0, settingsVersion: 1, asOf: new Date() }),
    );
    await world.workflows.startCycle({ loop: "empty", cycleId: id });
    await cycleEnd(id);
    await keep("cycle-nothing-to-learn", `cycle/${id}`);
  }

  /** Cancelled once the cycle's training run is in this state. */
  async function cancelled(name: string, fault: FaultInput, status: string): Promise<void> {
    await world.applyLoop({ name, ...WIRE });
    await life.withFaults([fault], async () => {
      const id = await life.duePulse(name);
      await life.untilRow(status, "select 1 from training_run where cycle_id = $1 and status = $2", [id, status]);
      await world.workflows.cancelCycle(id);
      await cycleEnd(id);
      await keep(`cycle-${name}`, `cycle/${id}`);
    });
  }
}

await within(timeSkippingEnvironment, async (environment) => {
  const world = await openWorld(environment);
  try {
    await record(world);
  } finally {
    await world.close();
  }
});
// All or nothing: a recording that failed leaves the former histories as they were.
for (const file of readdirSync(FOLDER)) if (file.endsWith(".json")) rmSync(`${FOLDER}${file}`);
for (const [file, history] of recorded) writeFileSync(`${FOLDER}${file}`, history);
