import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { APIError } from "openai";
import { Fault } from "../../src/domain/fault.ts";
import type { Message } from "../../src/domain/message.ts";
import { ask } from "../../src/serving/ask.ts";
import { indexExamples } from "../../src/serving/example-index.ts";
import type { ServedModel } from "../../src/serving/served-models.ts";
import type { Model } from "../../src/store/models.ts";
import { UNMEASURED } from "../../src/telemetry/meter.ts";
import { COMPLETION, openUpstream, type Upstream } from "./upstream.ts";

let upstream: Upstream;
before(async () => {
  upstream = await openUpstream();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.received.length = 0;
  upstream.answer = { status: 200, body: COMPLETION };
});

const examples = indexExamples(
  ["set an alarm", "set an alarm for six", "play music"].map((prompt) => ({
    prompt,
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: `done: ${prompt}` },
    ],
  })),
);

/** A model at the upstream; with `perRequest` it puts that many examples in front. */
function served(perRequest: number | null): ServedModel {
  const model: Model = {
    id: "m",
    loop: "helpem",
    name: "helpem-v1",
    kind: perRequest === null ? "base" : "in-context",
    role: "champion",
    provider: { provider: "openai-wire", baseURL: null, model: "their-name" },
    examples: perRequest === null ? null : { sha256: "x", perRequest },
    trainingRunId: null,
    twinOf: null,
    createdAt: new Date(0),
    roleSince: new Date(0),
  };
  return { model, examples: perRequest === null ? null : examples };
}
const put = (messages: Message[], perRequest: number | null = 2, more = {}) =>
  ask(
    { providers: upstream.providers, meter: UNMEASURED },
    served(perRequest),
    { messages, ...more },
    new AbortController().signal,
  );
const sent = () => (upstream.received.at(-1)!.messages as Message[]).map(({ role, content }) => `${role}: ${content}`);

test("the provider gets its own name for the model, and everything else as it came", async () => {
  await put([{ role: "user", content: "hi" }], null, {
    model: "helpem",
    temperature: 0.3,
    tools: [{ type: "function" }],
    made_up: { x: 1 },
    stream: true,
  });
  assert.deepEqual(upstream.received[0], {
    model: "their-name",
    messages: [{ role: "user", content: "hi" }],
    temperature: 0.3,
    tools: [{ type: "function" }],
    made_up: { x: 1 },
    stream: false,
  });
});

test("approved examples stand after what the system says and before the conversation, the nearest last", async () => {
  await put([
    { role: "system", content: "be kind" },
    { role: "developer", content: "be brief" },
    { role: "user", content: "hello" },
    { role: "assistant", content: "hi" },
    { role: "user", content: "set an alarm for six" },
  ]);
  assert.deepEqual(sent(), [
    "system: be kind",
    "developer: be brief",
    "user: set an alarm",
    "assistant: done: set an alarm",
    "user: set an alarm for six",
    "assistant: done: set an alarm for six",
    "user: hello",
    "assistant: hi",
    "user: set an alarm for six",
  ]);
});

test("without a system's message they come first; what a later system message says stays where it was", async () => {
  await put(
    [
      { role: "user", content: "play music" },
      { role: "system", content: "in the middle" },
    ],
    1,
  );
  assert.deepEqual(sent(), [
    "user: play music",
    "assistant: done: play music",
    "user: play music",
    "system: in the middle",
  ]);
});

test("nothing is put in front when nobody asked, nothing is near, or the model has no examples", async () => {
  for (const [messages, perRequest] of [
    [[{ role: "system", content: "set an alarm" }], 2],
    [[{ role: "user", content: "xylophone" }], 2],
    [[{ role: "user", content: [{ type: "image_url", image_url: {} }] }], 2],
    [[{ role: "user", content: null }], 2],
    [[{ role: "user", content: "set an alarm" }], null],
  ] as [Message[], number | null][]) {
    await put(messages, perRequest);
    assert.deepEqual(upstream.received.at(-1)!.messages, messages);
  }
});

test("the text among pictures is what examples are found by", async () => {
  await put(
    [
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "x" } },
          { type: "text", text: "play music" },
        ],
      },
    ],
    1,
  );
  assert.equal(sent()[0], "user: play music");
});

test("the caller's messages are not changed by what is put in front", async () => {
  const messages = Object.freeze([Object.freeze({ role: "user", content: "set an alarm" })]) as unknown as Message[];
  await put(messages);
  assert.equal(messages.length, 1);
});

test("the provider's document comes back whole, with the parts that are kept", async () => {
  upstream.answer = { status: 200, body: { ...COMPLETION, system_fingerprint: "fp", extra: [1] } };
  const answer = await put([{ role: "user", content: "hi" }], null);
  assert.deepEqual(answer.document, { ...COMPLETION, system_fingerprint: "fp", extra: [1] });
  assert.deepEqual(
    [answer.message, answer.providerModel, answer.inputTokens, answer.outputTokens],
    [{ role: "assistant", content: "fine" }, "really-this-one", 7, 3],
  );
});

test("an answer without usage or model is an answer", async () => {
  const { usage: _, model: __, ...least } = COMPLETION;
  for (const body of [least, { ...least, usage: null }]) {
    upstream.answer = { status: 200, body };
    const answer = await put([{ role: "user", content: "hi" }], null);
    assert.deepEqual([answer.providerModel, answer.inputTokens, answer.outputTokens], [null, null, null]);
  }
});

test("what is not a completion is the provider's fault, and says so", async () => {
  for (const body of [
    {},
    { choices: [] },
    { choices: [{}] },
    { choices: [{ message: { content: "no role" } }] },
    "[]",
    '"text"',
  ]) {
    upstream.answer = { status: 200, body };
    await assert.rejects(
      put([{ role: "user", content: "hi" }], null),
      (error) => error instanceof Fault && error.code === "upstream",
      JSON.stringify(body),
    );
  }
});

test("a refusal is asked for once and comes out as the client's own error", async () => {
  upstream.answer = { status: 500, body: { error: { message: "no" } } };
  await assert.rejects(
    put([{ role: "user", content: "hi" }], null),
    (error) => error instanceof APIError && error.status === 500,
  );
  assert.equal(upstream.received.length, 1, "whoever calls decides whether to ask again");
});
