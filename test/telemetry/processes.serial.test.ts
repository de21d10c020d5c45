// A real server and a real worker, watched from outside: their spans at a collector, the worker's page of metrics.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Worker } from "@temporalio/worker";
import { METRICS, TEMPORAL_METRICS } from "../../src/telemetry/metrics.ts";
import { workflowBundle } from "../support/world.ts";
import { loopLife, QUICK, SECONDS, until } from "../workflows/loop-life.ts";
import type { ReceivedSpan } from "./otlp-receiver.ts";
import { readExposition } from "./read-exposition.ts";
import { openTelemetryWorld, type TelemetryWorld } from "./telemetry-world.ts";

let telemetry: TelemetryWorld;
let life: ReturnType<typeof loopLife>;

before(async () => {
  telemetry = await openTelemetryWorld();
  life = loopLife(telemetry.world);
});
after(() => telemetry?.close());

const spans = () => telemetry.receiver.spans;
const arrived = (name: string, where: (span: ReceivedSpan) => boolean = () => true) =>
  until(`the span ${name}`, async () => spans().find((span) => span.name === name && where(span)));
const traceparent = (trace: string) => ({ traceparent: `00-${trace}-00f067aa0ba902b7-01` });

/** From a span up to the last one that has arrived: names, with those that are still open as "…". */
function ancestors(span: ReceivedSpan): string[] {
  const parent = spans().find(({ spanId }) => spanId === span.parentSpanId);
  if (parent !== undefined) return [span.name, ...ancestors(parent)];
  return span.parentSpanId === "" || span.parentSpanId === "00f067aa0ba902b7" ? [span.name] : [span.name, "…"];
}

/** Waits for the other process's spans, too. */
async function descends(span: ReceivedSpan, expected: string[]): Promise<void> {
  const same = async () => isDeepStrictEqual(ancestors(span), expected);
  await until("the whole chain", same, 20).catch(() => assert.deepEqual(ancestors(span), expected));
}

test("a chat request is one trace: the caller's, the request, the model's call in GenAI words, the recording", async () => {
  await telemetry.world.applyLoop({ name: "talk", ...QUICK });
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const answer = await telemetry.ask(
    "POST",
    "/v1/chat/completions",
    {
      model: "talk",
      user: "maria-who-must-not-be-named",
      messages: [{ role: "user", content: "a question that stays between us" }],
      temperature: 0.2,
    },
    traceparent(trace),
  );
  assert.equal(answer.status, 200, await answer.clone().text());
  const recorded = await arrived("record interaction");
  const call = await arrived("chat sandbox-base");
  const request = await arrived("POST /v1/chat/completions");
  assert.deepEqual(
    [request.traceId, request.parentSpanId, request.kind, request.service],
    [trace, "00f067aa0ba902b7", 2, "ratchet-server"],
  );
  for (const span of [recorded, call]) assert.deepEqual([span.traceId, span.parentSpanId], [trace, request.spanId]);
  assert.equal(call.kind, 3);
  const { attributes } = call;
  assert.deepEqual(
    [
      attributes["gen_ai.operation.name"],
      attributes["gen_ai.provider.name"],
      attributes["gen_ai.request.model"],
      attributes["gen_ai.response.model"],
      attributes["gen_ai.request.temperature"],
      attributes["server.address"],
    ],
    ["chat", "sandbox", "sandbox-base", "sandbox-base", 0.2, "127.0.0.1"],
  );
  assert.ok((attributes["gen_ai.usage.input_tokens"] as number) > 0);
  assert.ok((attributes["gen_ai.usage.output_tokens"] as number) > 0);
  assert.equal(recorded.attributes["ratchet.interaction.id"], answer.headers.get("x-ratchet-interaction-id"));
  assert.deepEqual(
    [request.attributes["http.route"], request.attributes["http.response.status_code"]],
    ["/v1/chat/completions", 200],
  );
  assert.equal(telemetry.receiver.headers["x-tenant"], "ratchet", "OTEL_EXPORTER_OTLP_HEADERS");
  const line = await until("the log line", async () =>
    telemetry.logged.find(({ event }) => event === "model_selected"),
  );
  assert.equal(line.trace_id, trace, "the log names the trace");
});

test("a model's failure is on its span by its class, without words", async () => {
  await life.withFaults([{ kind: "500", route: "chat", times: 1 }], async () => {
    const answer = await telemetry.ask("POST", "/v1/chat/completions", {
      model: "talk",
      messages: [{ role: "user", content: "another question between us" }],
    });
    assert.equal(answer.status, 502);
  });
  const failed = await arrived("chat sandbox-base", ({ status }) => status === 2);
  assert.equal(failed.attributes["error.type"], "500");
});

test("an operator's cycle is one trace: the request, the start, the workflow, its activities, the experiment", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  await telemetry.world.applyLoop({ name: "ordered", ...QUICK, experiment: SECONDS });
  await telemetry.world.talk("ordered", { count: 50, approval: 0.8 });
  await life.pulse("ordered");
  const answer = await telemetry.ask("POST", "/api/loops/ordered/cycles", { reason: "a test" }, traceparent(trace));
  const cycle = (await answer.json()) as { id: string };
  assert.equal(answer.status < 300, true, JSON.stringify(cycle));
  await life.cycleResult(cycle.id);
  const look = await arrived("RunActivity:look", ({ traceId }) => traceId === trace);
  const evaluate = await arrived("RunActivity:evaluate", ({ traceId }) => traceId === trace);
  await arrived("RunWorkflow:cycle", ({ traceId }) => traceId === trace);
  await descends(evaluate, [
    "RunActivity:evaluate",
    "StartActivity:evaluate",
    "RunWorkflow:cycle",
    "StartWorkflow:cycle",
    "POST /api/loops/:loop/cycles",
  ]);
  // The experiment's own span is sent when it is over; what is under it comes at once.
  await descends(look, ["RunActivity:look", "StartActivity:look", "…"]);
  const begun = await arrived("StartWorkflow:experiment", ({ traceId }) => traceId === trace);
  await descends(begun, [
    "StartWorkflow:experiment",
    "RunActivity:startExperiment",
    "StartActivity:startExperiment",
    "RunWorkflow:cycle",
    "StartWorkflow:cycle",
    "POST /api/loops/:loop/cycles",
  ]);
  assert.equal(evaluate.service, "ratchet-worker");
  const probe = await arrived("chat sandbox-base", ({ traceId }) => traceId === trace);
  assert.deepEqual(
    ancestors(probe).slice(0, 2),
    ["chat sandbox-base", "RunActivity:evaluate"],
    "the gate asks models, too",
  );
});

test("a pulse and the cycle that it starts are one trace", async () => {
  await telemetry.world.applyLoop({ name: "pulsing", ...QUICK, experiment: SECONDS });
  await life.duePulse("pulsing"); // by the test's own client, which is not traced: the pulse is the root
  const start = await arrived("StartWorkflow:cycle", (span) => ancestors(span).includes("RunWorkflow:pulse"));
  await descends(start, [
    "StartWorkflow:cycle",
    "RunActivity:startCycle",
    "StartActivity:startCycle",
    "RunWorkflow:pulse",
  ]);
});

test("an operator's command to a running experiment reaches the workflow in its trace", async () => {
  const trace = "7d1b3f3577b34da6a3ce929d0e0e4711";
  const { id } = await life.only("select id from experiment where loop = $1", "ordered");
  const answer = await telemetry.ask("POST", `/api/experiments/${id}/stop`, { reason: "enough" }, traceparent(trace));
  assert.equal(answer.status, 200, await answer.clone().text());
  await life.experimentHandle(id as string).result();
  const complete = await until("the last line of the story", async () =>
    telemetry.logged.find(({ event, experiment }) => event === "learning_loop_complete" && experiment === id),
  );
  assert.deepEqual([complete.loop, complete.outcome, complete.process], ["ordered", "stopped", "worker"]);
  const handled = await arrived("HandleSignal:rowChanged", ({ traceId }) => traceId === trace);
  await descends(handled, ["HandleSignal:rowChanged", "SignalWorkflow:rowChanged", "POST /api/experiments/:id/stop"]);
  const whole = await arrived("RunWorkflow:experiment", ({ attributes }) =>
    String(attributes.temporalWorkflowId).endsWith(id as string),
  );
  assert.deepEqual(Object.keys(whole.attributes).sort(), ["run_id", "temporalWorkflowId"], "and nothing else of it");
});

test("what ran with traces replays on a worker without them", async () => {
  const { id } = await life.only("select id from experiment where loop = $1", "ordered");
  const { id: cycleId } = await life.only("select id from cycle where loop = $1", "ordered");
  const { workflow } = telemetry.world.environment.client;
  const histories = await Promise.all(
    [`cycle/${cycleId}`, `experiment/${id}`].map(async (workflowId) => ({
      workflowId,
      history: await workflow.getHandle(workflowId).fetchHistory(),
    })),
  );
  let replayed = 0;
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories)) {
    assert.equal(error, undefined);
    replayed++;
  }
  assert.equal(replayed, 2);
});

test("the worker's page has every metric of the table that a worker shows, and those of Temporal that we use", async () => {
  const { types, samples, value } = readExposition(await (await fetch(telemetry.workerMetrics)).text());
  for (const [name, { type, labels }] of Object.entries(METRICS).filter(([, { from }]) =>
    [...from].includes("worker" as never),
  )) {
    assert.equal(types[name], type, name);
    const given = samples.filter(({ metric }) => metric === name).map((sample) => Object.keys(sample.labels));
    assert.ok(given.length > 0 && given.every((found) => labels.every((label) => found.includes(label))), name);
  }
  assert.deepEqual(
    Object.keys(types).filter((name) => !(name in METRICS) && !name.startsWith("temporal_")),
    [],
  );
  for (const name of TEMPORAL_METRICS) assert.ok(name in types, name);
  assert.ok(value("ratchet_activity_attempts_total", { activity: "generate", outcome: "done" })! >= 1);
  assert.ok(value("ratchet_activity_duration_seconds_count", { activity: "evaluate" })! >= 1);
  assert.ok(value("ratchet_looks_total", { phase: "experiment" })! >= 1);
  assert.ok(
    value("ratchet_activity_duration_seconds_bucket", { activity: "look", le: "0.25" })! >= 0,
    "our own buckets",
  );
});

test("who asks how we are leaves no trace", async () => {
  for (const path of ["/healthz", "/readyz", "/metrics"]) assert.equal((await telemetry.ask("GET", path)).status, 200);
  await telemetry.ask("GET", "/api/loops");
  await arrived("GET /api/loops"); // sent after the others would have been
  const roots = spans().filter(({ parentSpanId }) => parentSpanId === "");
  assert.deepEqual(
    roots.filter(({ name }) => /healthz|readyz|metrics|DescribeWorkflow/.test(name)),
    [],
  );
});

test("no span was sent twice, and none has a person's words or name in it", () => {
  const ids = spans().map(({ spanId }) => spanId);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 50);
  const all = telemetry.receiver.bodies.join("\n");
  assert.doesNotMatch(all, /between us|must-not-be-named/);
  const said = telemetry.world.corpus.map(({ text }) => text).filter((text) => text.length > 12);
  assert.deepEqual(
    said.filter((text) => all.includes(text)),
    [],
  );
});
