import assert from "node:assert/strict";
import { after, test } from "node:test";
import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import { createLog, type Log } from "../../src/log.ts";
import { calledFrom, inSpan } from "../../src/telemetry/in-span.ts";
import { startTracing } from "../../src/telemetry/tracing.ts";
import { until } from "../workflows/loop-life.ts";
import { openOtlpReceiver } from "./otlp-receiver.ts";

const receiver = await openOtlpReceiver();
after(() => receiver.close());

test("nothing is traced unless a collector is named, and `none` or OTEL_SDK_DISABLED has the last word", () => {
  const tracing = (env: Record<string, string>) => readConfig(env).tracing;
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
  assert.equal(tracing({}), null);
  assert.equal(tracing({ OTEL_SERVICE_NAME: "mine", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }), null);
  assert.deepEqual(tracing(endpoint), { protocol: "http/protobuf" });
  assert.deepEqual(tracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:4318/v1/traces" }), {
    protocol: "http/protobuf",
  });
  assert.deepEqual(tracing({ OTEL_TRACES_EXPORTER: "otlp" }), { protocol: "http/protobuf" });
  assert.deepEqual(
    tracing({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }),
    { protocol: "http/json" },
  );
  assert.equal(tracing({ ...endpoint, OTEL_TRACES_EXPORTER: "none" }), null);
  assert.equal(tracing({ ...endpoint, OTEL_SDK_DISABLED: "TRUE" }), null);
  assert.throws(() => tracing({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }), /"grpc" is not spoken/);
});

test("the addresses of pages are checked at the start", () => {
  assert.deepEqual(readConfig({}).metrics, { for: "everybody", worker: null });
  assert.equal(readConfig({ RATCHET_WORKER_METRICS: "0.0.0.0:9464" }).metrics.worker, "0.0.0.0:9464");
  assert.throws(() => readConfig({ RATCHET_WORKER_METRICS: "9464" }), /RATCHET_WORKER_METRICS must be an IP address/);
  assert.throws(() => readConfig({ RATCHET_METRICS: "yes" }), /RATCHET_METRICS/);
});

test("without tracing, work is done all the same, and no line of the log names a span", async () => {
  assert.equal(startTracing(null, { process: "server", version: "1", onLoss: () => assert.fail() }), null);
  const lines: string[] = [];
  const log = createLog("server", "info", { write: (line) => void lines.push(line) });
  const parent = calledFrom(() => "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
  const result = await inSpan({ name: "work", parent }, async () => {
    log.info({ event: "server_started", port: 1 });
    return 7;
  });
  assert.equal(result, 7);
  assert.deepEqual(Object.keys(JSON.parse(lines[0]!)), ["level", "time", "process", "event", "port"]);
});

test("spans are sent as protobuf, with the usual names of the service; a loss is told", async () => {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  process.env.OTEL_BSP_SCHEDULE_DELAY = "50";
  process.env.OTEL_RESOURCE_ATTRIBUTES = "deployment.environment.name=a-test";
  const losses: string[] = [];
  const tracing = startTracing(
    { protocol: "http/protobuf" },
    { process: "server", version: "1.2.3", onLoss: (why) => void losses.push(why) },
  )!;
  const lines: string[] = [];
  const log = createLog("server", "info", { write: (line) => void lines.push(line) });
  await inSpan({ name: "a piece of work", attributes: { "ratchet.loop": "demo" } }, async () => {
    log.info({ event: "server_started", port: 1 });
  });
  await assert.rejects(
    inSpan({ name: "what fails" }, async () => {
      throw new TypeError("words of a person");
    }),
    TypeError,
  );
  await tracing.processor.forceFlush();
  const body = receiver.bodies.join("");
  assert.equal(receiver.headers["content-type"], "application/x-protobuf");
  for (const word of ["a piece of work", "what fails", "TypeError", "ratchet-server", "1.2.3", "a-test"])
    assert.ok(body.includes(word), word);
  assert.doesNotMatch(body, /words of a person/);
  assert.match(JSON.parse(lines[0]!).trace_id, /^[0-9a-f]{32}$/);
  assert.deepEqual(losses, []);

  await receiver.close();
  await inSpan({ name: "lost" }, async () => {});
  await until("word of the loss", async () => losses[0]);
  await tracing.stop();
});

test("what is not in the list of events does not compile", () => {
  const log: Log = pino({ level: "silent" });
  log.info({ event: "feedback_recorded", loop: "demo", count: 1 });
  // @ts-expect-error a typo
  log.info({ event: "feedback_recordet", loop: "demo", count: 1 });
  // @ts-expect-error a field is missing
  log.info({ event: "feedback_recorded", loop: "demo" });
  // @ts-expect-error a field of another kind
  log.info({ event: "feedback_recorded", loop: "demo", count: "1" });
  // @ts-expect-error a field that is not in the list
  log.info({ event: "feedback_recorded", loop: "demo", count: 1, comment: "what a person wrote" });
  // @ts-expect-error another level
  log.error({ event: "feedback_recorded", loop: "demo", count: 1 });
});
