import assert from "node:assert/strict";
import { test } from "node:test";
import { interactionFrom, interactionInput } from "../../src/domain/interaction.ts";
import { unitOf } from "../../src/evidence/assignment.ts";

const NOW = new Date("2026-11-03T12:00:00Z");
const LEAST = { messages: [{ role: "user", content: "hello" }], response: "hi" };
const kept = (more: Record<string, unknown> = {}) =>
  interactionFrom(interactionInput.parse({ ...LEAST, ...more }), (unit) => `#${unit}`, NOW);
const refused = (more: Record<string, unknown>) => !interactionInput.safeParse({ ...LEAST, ...more }).success;

test("the least that is needed becomes an interaction of now, of nobody, by the champion", () => {
  assert.deepEqual(kept(), {
    clientId: null,
    at: NOW,
    unit: null,
    conversation: null,
    modelId: null,
    modelName: "unknown",
    providerModel: null,
    systemPromptHash: null,
    variant: "champion",
    counted: null,
    messages: LEAST.messages,
    response: { role: "assistant", content: "hi" },
    tools: null,
    actionType: null,
    actionData: null,
    quality: null,
    latencyUs: null,
    inputTokens: null,
    outputTokens: null,
    costMicros: null,
    error: null,
    store: true,
    metadata: {},
  });
});

test("a user is the unit, else the conversation, named as assignment names them, and only hashes are kept", () => {
  for (const [user, conversation] of [
    ["ada", "c"],
    ["ada", null],
    [null, "c"],
    [null, null],
  ] as const) {
    const unit = unitOf({ user, conversation });
    const found = kept({ user_id: user, conversation_id: conversation });
    assert.deepEqual(
      [found.unit, found.conversation],
      [unit === null ? null : `#${unit}`, conversation === null ? null : "#conversation:c"],
    );
  }
});

test("nobody outside says that an interaction counts, or which model of ours answered", () => {
  for (const more of [
    { counted: {} },
    { experiment_id: "x" },
    { model_id: "x" },
    { phase: "experiment" },
    { unit: "x" },
  ])
    assert.ok(refused(more));
  const { counted, modelId, variant } = kept({ variant: "challenger", model: "m" });
  assert.deepEqual([counted, modelId, variant], [null, null, "challenger"]);
});

test("time, money and latency are kept in instants and millionths", () => {
  const { at, latencyUs, costMicros } = kept({
    at: "2026-01-02T03:04:05.678+02:00",
    latency_ms: 12.3456,
    cost_usd: 0.0000015,
  });
  assert.deepEqual([at.toISOString(), latencyUs, costMicros], ["2026-01-02T01:04:05.678Z", 12_346, 2]);
  assert.deepEqual([kept({ latency_ms: 0 }).latencyUs, kept({ cost_usd: 0 }).costMicros], [0, 0]);
});

test("messages and answers pass through as they are, with all that we do not know", () => {
  const messages = [
    { role: "system", content: "be kind", name: "x" },
    {
      role: "user",
      content: [
        { type: "text", text: "see" },
        { type: "image_url", image_url: { url: "data:…" } },
      ],
    },
    { role: "tool", tool_call_id: "1", content: null },
  ];
  const response = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "1", function: { name: "todo", arguments: "{}" } }],
    refusal: null,
  };
  const found = kept({ messages, response });
  assert.deepEqual([found.messages, found.response], [messages, response]);
  assert.equal(kept({ response: null }).response, null);
});

test("ids are 1 to 128 characters of anything but NUL", () => {
  for (const field of ["id", "user_id", "conversation_id"]) {
    for (const id of ["x", "x".repeat(128), " ", "'; --", "语", "../../etc"])
      assert.ok(!refused({ [field]: id }), `${field} ${id}`);
    for (const id of ["", "x".repeat(129), "a\0b", 7, {}]) assert.ok(refused({ [field]: id }), `${field} ${id}`);
  }
});

test("what does not fit is refused where it is", () => {
  for (const more of [
    { messages: [] },
    { messages: undefined },
    { messages: "hello" },
    { messages: [{ content: "no role" }] },
    { messages: [null] },
    { response: undefined },
    { response: 7 },
    { at: "yesterday" },
    { at: "2026-13-01T00:00:00Z" },
    { at: "2026-01-01" },
    { at: 1_700_000_000 },
    { quality: 1.01 },
    { quality: -0.01 },
    { quality: "0.5" },
    { latency_ms: -1 },
    { latency_ms: 1e10 },
    { input_tokens: 1.5 },
    { output_tokens: 2 ** 31 },
    { cost_usd: -0.01 },
    { variant: "control" },
    { store: "no" },
    { metadata: [] },
    { error: "x".repeat(2001) },
    { action_type: "x".repeat(101) },
    { unknown: 1 },
  ])
    assert.ok(refused(more), JSON.stringify(more));
});
