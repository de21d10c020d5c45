// A world whose server and worker are processes of their own, watched: their spans go to a receiver, their metrics to pages.

import { firstKey } from "../../src/embedded/first-start.ts";
import { startNodeChild } from "../../src/embedded/node-child.ts";
import { freePort } from "../../src/embedded/port.ts";
import { devServerEnvironment } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { type OtlpReceiver, openOtlpReceiver } from "./otlp-receiver.ts";

export interface TelemetryWorld {
  readonly world: World;
  readonly receiver: OtlpReceiver;
  readonly api: string;
  readonly workerMetrics: string;
  /** Lines of both logs. */
  readonly logged: Record<string, unknown>[];
  /** Asks the API with an administrator's key. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** `env` is added to both processes' environments. */
export async function openTelemetryWorld(env: Record<string, string> = {}): Promise<TelemetryWorld> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const environment = await devServerEnvironment();
    closing.push(() => environment.teardown());
    const world = await openWorld(environment, { worker: false });
    closing.push(() => world.close());
    const receiver = await openOtlpReceiver();
    closing.push(() => receiver.close());
    const key = (await firstKey(world.database.db, null, () => {}, new Date())).text;
    const logged: Record<string, unknown>[] = [];
    const workerMetrics = `127.0.0.1:${await freePort()}`;
    const common = {
      PATH: process.env.PATH,
      DATABASE_URL: world.database.url,
      TEMPORAL_ADDRESS: environment.address,
      RATCHET_ARTIFACTS: world.artifacts,
      RATCHET_SANDBOX_URL: world.sandbox.baseURL,
      RATCHET_SECRET: "a secret for tests only",
      RATCHET_PORT: "0",
      RATCHET_WORKER_METRICS: workerMetrics,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=ratchet",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      ...env,
    };
    const program = (name: string) =>
      startNodeChild({
        name,
        script: new URL(`../../src/${name}.ts`, import.meta.url),
        env: common,
        onLine: (line) => {
          if (line.startsWith("{")) logged.push(JSON.parse(line));
          else process.stderr.write(`${name}: ${line}\n`);
        },
      });
    const worker = await program("worker");
    closing.push(() => worker.stop());
    const server = await program("server");
    closing.push(() => server.stop());
    const api = `http://127.0.0.1:${server.facts.port}`;
    return {
      world,
      receiver,
      api,
      workerMetrics: `http://${workerMetrics}/metrics`,
      logged,
      ask: (method, path, body, headers = {}) =>
        fetch(`${api}${path}`, {
          method,
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
