import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loopLife, QUICK, SECONDS, until } from "../workflows/loop-life.ts";
import type { ReceivedSpan } from "./otlp-receiver.ts";
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
  await telemetry.world.applyLoop({ name: "asked", ...QUICK, experiment: SECONDS });
  await telemetry.world.talk("asked", { count: 120, approval: 0.8 });
  await life.pulse("asked"); // by the test's own client, which is not traced: the pulse is the root
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
  assert.deepEqual(ancestors(evaluate), [
    "RunActivity:evaluate",
    "StartActivity:evaluate",
    "RunWorkflow:cycle",
    "StartWorkflow:cycle",
    "POST /api/loops/:loop/cycles",
  ]);
  // The experiment's own span is sent when it is over; what is under it comes at once.
  assert.deepEqual(ancestors(look), ["RunActivity:look", "StartActivity:look", "…"]);
  const begun = await arrived("StartWorkflow:experiment", ({ traceId }) => traceId === trace);
  assert.deepEqual(ancestors(begun), [
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
  const start = await arrived("StartWorkflow:cycle", (span) => ancestors(span).includes("RunWorkflow:pulse"));
  assert.deepEqual(ancestors(start), [
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
  const handled = await arrived("HandleSignal:rowChanged", ({ traceId }) => traceId === trace);
  assert.deepEqual(ancestors(handled), [
    "HandleSignal:rowChanged",
    "SignalWorkflow:rowChanged",
    "POST /api/experiments/:id/stop",
  ]);
  const whole = await arrived("RunWorkflow:experiment", ({ attributes }) =>
    String(attributes.temporalWorkflowId).endsWith(id as string),
  );
  assert.deepEqual(Object.keys(whole.attributes).sort(), ["run_id", "temporalWorkflowId"], "and nothing else of it");
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
