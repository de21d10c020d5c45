// Real Temporal servers for tests: one in which days pass in seconds, and the full dev server.
import { fileURLToPath } from "node:url";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { addSearchAttributes, SEARCH_ATTRIBUTES } from "../../src/client.ts";
import { temporalBinary } from "../../src/embedded/temporal-binary.ts";
import { timeSkippingServer } from "../../src/embedded/time-skipping-server.ts";

const log = (level: string, message: string) => {
  if (level !== "debug") process.stderr.write(`${message}\n`);
};

/**
 * A server whose clock jumps ahead while workflows wait. It has one clock for all, so one test at a time; and no
 * schedules, no lists, no counts, no resets. The caller tears it down, in `finally` or `after`.
 */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const path = await timeSkippingServer(process.env, log);
  const server = { executable: { type: "existing-path", path } } as const;
  return withOurAttributes(await atLast(() => TestWorkflowEnvironment.createTimeSkipping({ server })));
}

/** The dev server, in memory, in real time: for schedules, lists and resets. The caller tears it down. */
export async function devServerEnvironment(): Promise<TestWorkflowEnvironment> {
  const given = process.env.RATCHET_TEMPORAL_BINARY ?? null;
  process.env.RATCHET_TEST_TEMPORAL = await temporalBinary({ given, environment: process.env, log });
  const path = fileURLToPath(import.meta.resolve("./temporal-ends-with-parent.sh"));
  const server = {
    executable: { type: "existing-path", path },
    searchAttributes: SEARCH_ATTRIBUTES.map((name) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD)),
  } as const;
  return atLast(() => TestWorkflowEnvironment.createLocal({ server }));
}

/** Does `work` in an environment and tears that down whatever happens. */
export async function within<T>(
  open: () => Promise<TestWorkflowEnvironment>,
  work: (environment: TestWorkflowEnvironment) => Promise<T>,
): Promise<T> {
  const environment = await open();
  try {
    return await work(environment);
  } finally {
    await environment.teardown();
  }
}

// Temporal's SDK gives a server five seconds to listen, which a machine that is busy does not always keep.
async function atLast(start: () => Promise<TestWorkflowEnvironment>, attempts = 4): Promise<TestWorkflowEnvironment> {
  try {
    return await start();
  } catch (error) {
    const isLate = error instanceof Error && error.message.includes("did not start within");
    if (!isLate || attempts === 1) throw error;
    return atLast(start, attempts - 1);
  }
}

// Without them a workflow that upserts one fails its task forever.
async function withOurAttributes(environment: TestWorkflowEnvironment): Promise<TestWorkflowEnvironment> {
  try {
    await addSearchAttributes(environment.connection, environment.namespace ?? "default", SEARCH_ATTRIBUTES);
    return environment;
  } catch (error) {
    await environment.teardown();
    throw error;
  }
}
