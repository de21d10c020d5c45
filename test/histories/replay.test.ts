// Workflow code must be able to go on with what earlier versions of it began: every recorded history is replayed.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { WANTED } from "./wanted.ts";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const HISTORIES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const logger = new DefaultLogger("ERROR", () => {}); // a violation is what one of these is about
Runtime.install({
  logger,
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: "ERROR", other: "ERROR" }) } },
});

/** Replays all histories on these workflows; why each one failed, by its name. */
async function replay(workflows: string): Promise<Record<string, Error>> {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(workflows, import.meta.url)),
    logger,
  });
  const histories = HISTORIES.map((name) => ({
    workflowId: name,
    history: JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8")) as unknown,
  }));
  const failed: Record<string, Error> = {};
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    replayed++;
    if (error !== undefined) failed[workflowId] = error;
  }
  assert.equal(replayed, HISTORIES.length);
  return failed;
}

test("there is a history of every workflow, of every end, and of every stage it can be found in", () => {
  const stems = new Set(HISTORIES.map((name) => name.replace(/(-\d+)?\.json$/, "")));
  assert.deepEqual([...stems].sort(), WANTED.toSorted());
});

test("every recorded history replays on today's workflows", async () => {
  assert.deepEqual(await replay("../../src/workflows/index.ts"), {});
});

test("workflows that do one activity more do not replay, so that nobody changes one by mistake", async () => {
  const failed = await replay("./changed/careless.ts");
  assert.deepEqual(Object.keys(failed).sort(), HISTORIES.toSorted());
  for (const error of Object.values(failed)) assert.ok(error instanceof DeterminismViolationError, error.message);
});

test("the same change behind patched() replays", async () => {
  assert.deepEqual(await replay("./changed/patched.ts"), {});
});
