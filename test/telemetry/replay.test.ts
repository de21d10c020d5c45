// Traces may be switched on and off while workflows are under way: the interceptors add headers, and no commands. What was
// recorded without them replays with them, and what runs with them replays without (traces.serial.test.ts).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Resource } from "@opentelemetry/resources";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { bundleWorkflowCode, DefaultLogger, Worker } from "@temporalio/worker";
import { workerTracing } from "../../src/telemetry/temporal.ts";

const FOLDER = fileURLToPath(new URL("../histories/", import.meta.url));

test("every recorded history, recorded without traces, replays with them; and a replay sends no span", async () => {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor(exporter);
  const traced = workerTracing({ processor, resource: Resource.empty(), stop: async () => {} });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL("../../src/workflows/index.ts", import.meta.url)),
    workflowInterceptorModules: traced.workflowModules,
    logger: new DefaultLogger("ERROR"),
  });
  const histories = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({
      workflowId: name,
      history: JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8")) as unknown,
    }));
  const options = { workflowBundle, ...(traced.sinks === undefined ? {} : { sinks: traced.sinks }) };
  const failed: Record<string, string> = {};
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    replayed++;
    if (error !== undefined) failed[workflowId] = error.message;
  }
  assert.ok(replayed > 20);
  assert.deepEqual(failed, {});
  assert.deepEqual(
    exporter.getFinishedSpans().map(({ name }) => name),
    [],
  );
});
