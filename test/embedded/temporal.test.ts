import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Client, Connection } from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { SEARCH_ATTRIBUTES } from "../../src/client.ts";
import { Fault } from "../../src/domain/fault.ts";
import { type RunningTemporal, startTemporal } from "../../src/embedded/temporal.ts";
import { temporalBinary } from "../../src/embedded/temporal-binary.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-temporal-"));
const running = new Set<RunningTemporal>();
after(async () => {
  for (const temporal of running) await temporal.stop();
  rmSync(folder, { recursive: true });
});
const log = () => undefined;
const binary = await temporalBinary({
  given: process.env.RATCHET_TEMPORAL_BINARY ?? null,
  environment: process.env,
  log,
});

async function start(dataDir: string, port = 0, uiPort = 0): Promise<RunningTemporal> {
  const temporal = await startTemporal({ binary, dataDir, port, uiPort, namespace: "default", log });
  running.add(temporal);
  return temporal;
}

async function connected<T>(temporal: RunningTemporal, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

test("a workflow started before a stop, and before a kill -9, is still there, with its search attributes", async () => {
  const dataDir = join(folder, "kept");
  const first = await start(dataDir);
  const key = defineSearchAttributeKey("Loop", SearchAttributeType.KEYWORD);
  await connected(first, async ({ workflow }) => {
    await workflow.start("pulse", {
      taskQueue: "nobody",
      workflowId: "kept",
      typedSearchAttributes: [{ key, value: "demo" }],
    });
  });
  await first.stop();
  assert.equal((await first.exited).code, 0);

  const second = await start(dataDir, first.port, first.uiPort);
  assert.equal(second.address, first.address);
  process.kill(second.pid, "SIGKILL");
  await second.exited;

  const third = await start(dataDir, first.port, first.uiPort);
  await connected(third, async ({ workflow, connection }) => {
    const found = await workflow.getHandle("kept").describe();
    assert.equal(found.status.name, "RUNNING");
    assert.equal(found.typedSearchAttributes.get(key), "demo");
    const { config } = await connection.workflowService.describeNamespace({ namespace: "default" });
    assert.equal(Number(config?.workflowExecutionRetentionTtl?.seconds), 90 * 24 * 3600);
    const { customAttributes } = await (connection as Connection).operatorService.listSearchAttributes({
      namespace: "default",
    });
    for (const name of SEARCH_ATTRIBUTES) assert.ok(name in customAttributes, name);
  });
  const page = await fetch(third.uiUrl);
  assert.equal(page.status, 200);
  await page.body?.cancel();
  await third.stop();
});

test("a taken port is a fault that names it, whether it is the server's or the Web UI's", async () => {
  const holder = createServer();
  const port = await new Promise<number>((resolve) => {
    holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
  });
  const namesIt = (error: unknown) =>
    error instanceof Fault && error.code === "conflict" && error.message.includes(`port ${port}`);
  try {
    await assert.rejects(start(join(folder, "taken"), port, 0), namesIt);
    await assert.rejects(start(join(folder, "taken"), 0, port), namesIt);
  } finally {
    holder.close();
  }
});

test("a program that is not Temporal is a fault with its last words", async () => {
  await assert.rejects(
    startTemporal({ binary: "/bin/ls", dataDir: join(folder, "other"), port: 0, uiPort: 0, namespace: "default", log }),
    (error) =>
      error instanceof Fault && error.code === "unavailable" && error.message.startsWith("Temporal ended with code"),
  );
});
