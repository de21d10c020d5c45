// Workflow code must be able to go on with what earlier versions of it began: every recorded history is replayed.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const HISTORIES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const logger = new DefaultLogger("ERROR", () => {}); // a violation is what the last test is about
Runtime.install({
  logger,
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: "ERROR", other: "ERROR" }) } },
});

/** Replays these histories; why each one failed, by its name. */
async function replay(workflows: string, names: readonly string[]): Promise<Record<string, Error>> {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(workflows, import.meta.url)),
    logger,
  });
  const histories = names.map((name) => ({
    workflowId: name,
    history: JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8")) as unknown,
  }));
  const failed: Record<string, Error> = {};
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    replayed++;
    if (error !== undefined) failed[workflowId] = error;
  }
  assert.equal(replayed, names.length);
  return failed;
}

test("there is a history of every workflow, of every end, and of an experiment under way", () => {
  const stems = new Set(HISTORIES.map((name) => name.replace(/(-\d+)?\.json$/, "")));
  const wanted = [
    ...["pulse-not-due", "pulse-due"],
    ...[
      "cycle-to-experiment",
      "cycle-promoted",
      "cycle-training-failed",
      "cycle-training-refused",
      "cycle-files-refused",
    ],
    ...["cycle-out-of-time", "cycle-prepared", "cycle-gate-failed", "cycle-nothing-to-learn"],
    ...["cycle-cancelled-submitting", "cycle-cancelled-training"],
    ...["experiment-approved", "experiment-rejected", "experiment-approval-timed-out", "experiment-harmful"],
    ...["experiment-rolled-back", "experiment-under-way"],
  ];
  assert.deepEqual([...stems].sort(), wanted.sort());
});

test("every recorded history replays on today's workflows", async () => {
  assert.deepEqual(await replay("../../src/workflows/index.ts", HISTORIES), {});
});

test("a workflow that does one activity more does not replay, so that nobody changes one by mistake", async () => {
  const failed = await replay("./changed/index.ts", HISTORIES);
  assert.deepEqual(Object.keys(failed).sort(), ["pulse-due.json", "pulse-not-due.json"]);
  for (const error of Object.values(failed)) assert.ok(error instanceof DeterminismViolationError, error.message);
});
