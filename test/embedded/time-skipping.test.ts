import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "@temporalio/worker";
import { Fault } from "../../src/domain/fault.ts";
import { timeSkippingServer } from "../../src/embedded/time-skipping-server.ts";
import { devServerEnvironment, timeSkippingEnvironment, within } from "../support/temporal.ts";
import type { sleeping } from "./programs/sleeping-workflow.ts";

const workflowsPath = fileURLToPath(import.meta.resolve("./programs/sleeping-workflow.ts"));

test("a workflow that sleeps for 48 hours ends within this test, and may use our search attributes", async () => {
  const { result, passed } = await within(timeSkippingEnvironment, async (environment) => {
    const { nativeConnection, client } = environment;
    const worker = await Worker.create({ connection: nativeConnection, taskQueue: "sleep", workflowsPath });
    const before = await environment.currentTimeMs();
    const result = await worker.runUntil(
      client.workflow.execute<typeof sleeping>("sleeping", { taskQueue: "sleep", workflowId: "sleeping" }),
    );
    return { result, passed: (await environment.currentTimeMs()) - before };
  });
  assert.equal(result, "awake");
  assert.ok(passed >= 48 * 3_600_000, `${passed} ms passed on the server's clock`);
});

test("the dev server of the tests lists workflows by our search attributes", async () => {
  await within(devServerEnvironment, async ({ client, nativeConnection }) => {
    const worker = await Worker.create({ connection: nativeConnection, taskQueue: "sleep", workflowsPath });
    await worker.runUntil(async () => {
      await client.workflow.start<typeof sleeping>("sleeping", { taskQueue: "sleep", workflowId: "asleep" });
      for (let found = 0; found === 0; ) {
        found = (await client.workflow.count("Stage = 'asleep'")).count;
      }
    });
  });
});

test("a machine without Java and Maven is told what is missing", async () => {
  const home = mkdtempSync(join(tmpdir(), "ratchet-java-"));
  try {
    await assert.rejects(
      timeSkippingServer({ HOME: home, PATH: home }, () => undefined),
      (error) => error instanceof Fault && /needs java \(17 or newer\) and mvn \(Maven\)/.test(error.message),
    );
  } finally {
    rmSync(home, { recursive: true });
  }
});
