import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { experimentParameters } from "../../src/evidence/experiment-parameters.ts";
import { testAccountsOf } from "../../src/evidence/test-accounts.ts";
import { beginExperiment } from "../../src/store/experiment/lifecycle.ts";
import { loadLoop } from "../../src/store/loops.ts";
import { addModel } from "../../src/store/models.ts";
import { type ApiWorld, type Ask, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
let app: string;
let operator: string;

before(async () => {
  world = await openApiWorld();
  await world.loop({ name: "demo", actionFrom: "/action" });
  app = await world.key(["serve"], "demo");
  operator = await world.key(["serve", "operate"]);
});
beforeEach(() => fetch(`${world.sandbox.url}/_sandbox/faults`, { method: "DELETE" }));
after(() => world.close());

const messages = [
  { role: "system", content: "answer in JSON" },
  { role: "user", content: "put milk on my shopping list" },
];
const chat = (body: Record<string, unknown> = {}, ask: Ask = {}) =>
  world.ask("POST", "/v1/chat/completions", { key: app, ...ask, body: { model: "demo", messages, ...body } });
const recorded = async (id: string | null) =>
  (await world.database.query("select * from interaction where id = $1", [id]))[0] as Record<string, unknown>;
const fault = (given: Record<string, unknown>) =>
  fetch(`${world.sandbox.url}/_sandbox/faults`, {
    method: "POST",
    body: JSON.stringify(given),
    headers: { "content-type": "application/json" },
  });

test("an answer comes in OpenAI's shape and is recorded under the id in its header", async () => {
  const answer = await chat({ user: "jane" });
  assert.equal(answer.status, 200);
  assert.equal(answer.json.object, "chat.completion");
  const row = await recorded(answer.headers.get("x-ratchet-interaction-id"));
  assert.deepEqual(row.messages, messages);
  assert.deepEqual((row.response as { content: string }).content, answer.json.choices[0].message.content);
  assert.equal(row.unit, world.hash("demo", "user:jane"));
  assert.equal(row.action_type, JSON.parse(answer.json.choices[0].message.content).action);
  assert.equal(row.store, true);
  const rating = await world.ask("POST", "/api/feedback?loop=demo", { body: { interaction_id: row.id, value: 1 } });
  assert.equal(rating.status, 202);
  assert.equal((await world.ask("GET", "/api/feedback?type=summary&loop=demo")).json.summary[0].thumbs_up, 1);
});

test("an application does not learn which model answered; an operator does", async () => {
  const blind = await chat();
  assert.equal(blind.json.model, "demo");
  assert.equal(blind.headers.get("x-ratchet-model"), null);
  assert.equal(blind.headers.get("x-ratchet-variant"), null);
  const seeing = await chat({}, { key: operator });
  assert.equal(seeing.json.model, "sandbox-base");
  assert.equal(seeing.headers.get("x-ratchet-model"), "sandbox-base");
  assert.equal(seeing.headers.get("x-ratchet-variant"), "champion");
});

test("conversation and action may come by header or metadata, and store: false is kept", async () => {
  const byMetadata = await chat({ metadata: { conversation_id: "c1", action_type: "grocery" }, store: false });
  assert.equal(byMetadata.status, 200, byMetadata.text);
  const row = await recorded(byMetadata.headers.get("x-ratchet-interaction-id"));
  assert.deepEqual(
    [row.conversation, row.action_type, row.store],
    [world.hash("demo", "conversation:c1"), "grocery", false],
  );
  const headers = { "x-ratchet-conversation-id": "c2", "x-ratchet-action-type": "todo" };
  const byHeader = await chat({ metadata: { conversation_id: "c1", team: "blue" } }, { headers });
  const second = await recorded(byHeader.headers.get("x-ratchet-interaction-id"));
  assert.deepEqual([second.conversation, second.action_type], [world.hash("demo", "conversation:c2"), "todo"]);
});

test("the provider gets the request as it came, but for the model and what was meant for us alone", async () => {
  const seen: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    seen.push(JSON.parse(text));
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ id: "x", model: "real-name", choices: [{ message: { role: "assistant", content: "yes" } }] }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await world.loop({
    name: "echo",
    model: { provider: "sandbox", baseURL: `http://127.0.0.1:${port}/v1`, name: "real-name" },
  });
  const tools = [{ type: "function", function: { name: "add", parameters: {} } }];
  const sent = { messages, tools, temperature: 0.5, user: "jane", x_unknown: { deep: [1] } };
  const ask = (metadata: unknown) => chat({ ...sent, model: "echo", metadata }, { key: operator });
  await ask({ conversation_id: "c", action_type: "todo", team: "blue" });
  await ask({ conversation_id: "c" });
  server.close();
  assert.deepEqual(seen, [
    { ...sent, model: "real-name", stream: false, metadata: { team: "blue" } },
    { ...sent, model: "real-name", stream: false },
  ]);
});

test("streaming, bad bodies and unknown models are refused in OpenAI's shape", async () => {
  const stream = await chat({ stream: true });
  assert.equal(stream.status, 400);
  assert.match(stream.json.error.message, /streaming comes in a later version; send stream: false/);
  assert.deepEqual([stream.json.error.type, stream.json.error.param], ["invalid_request_error", "stream"]);
  const empty = await chat({ messages: [] });
  assert.deepEqual([empty.status, empty.json.error.param], [400, "messages"]);
  const broken = await world.ask("POST", "/v1/chat/completions", { key: app, raw: "{" });
  assert.deepEqual([broken.status, broken.json.error.type], [400, "invalid_request_error"]);
  for (const model of ["nobody", "demo:ghost", "other"]) {
    const { status, json } = await chat({ model }, { key: operator });
    assert.deepEqual([status, json.error.code, json.error.param], [404, "model_not_found", "model"]);
  }
  const unknown = await world.ask("POST", "/v1/nothing", { key: app, body: {} });
  assert.deepEqual([unknown.status, typeof unknown.json.error.message], [404, "string"]);
});

test("a role can be asked for by operators alone, and only while a model has it", async () => {
  assert.equal((await chat({ model: "demo:champion" })).status, 403);
  assert.equal((await chat({ model: "demo:champion" }, { key: operator })).status, 200);
  const nobody = await chat({ model: "demo:challenger" }, { key: operator });
  assert.deepEqual([nobody.status, nobody.json.error.code], [404, "model_not_found"]);
});

test("what the provider refuses keeps its status, and what is wrong on our side is 502", async () => {
  await fault({ kind: "429", route: "chat", retryAfterSeconds: 7, times: 1 });
  const busy = await chat();
  assert.deepEqual([busy.status, busy.headers.get("retry-after")], [429, "7"]);
  assert.equal(typeof busy.json.error.message, "string");
  await fault({ kind: "400", route: "chat", times: 1 });
  assert.equal((await chat()).status, 400);
  for (const kind of ["401", "500", "reset"]) {
    await fault({ kind, route: "chat", times: 1 });
    const answer = await chat();
    assert.deepEqual([answer.status, answer.json.error.type], [502, "server_error"], kind);
  }
  const failed = await world.database.query(
    "select count(*)::int as count from interaction where loop = 'demo' and error is not null",
  );
  assert.equal(failed[0]?.count, 5);
});

test("when the challenger fails the champion answers, and the failure is recorded against the challenger", async () => {
  await challenge("demo", null);
  const answer = await chat({ user: "someone" }, { key: operator });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get("x-ratchet-variant"), "challenger");
  assert.equal(answer.headers.get("x-ratchet-model"), "sandbox-base");
  const row = await recorded(answer.headers.get("x-ratchet-interaction-id"));
  assert.match(String(row.error), /^challenger failed/);
  assert.equal(row.variant, "challenger");
});

test("a test account meets its side, and counts in no experiment", async () => {
  const testAccounts = [{ user_id: "tester", variant: "champion" }];
  await world.loop({ name: "tested", actionFrom: "/action", experiment: { testAccounts } });
  await challenge("tested", null);
  const seen = async (user: string) => {
    const answer = await chat({ model: "tested", user }, { key: operator });
    const { variant, experiment_id } = await recorded(answer.headers.get("x-ratchet-interaction-id"));
    return [variant, experiment_id === null];
  };
  assert.deepEqual(await seen("tester"), ["champion", true]);
  assert.deepEqual(await seen("someone"), ["challenger", false]);
});

test("when the caller hangs up, the champion is not asked in the challenger's place and no failure is recorded", async () => {
  const asked: string[] = [];
  const hangingUp = new AbortController();
  const server = createServer(async (request) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    asked.push(JSON.parse(text).model);
    hangingUp.abort();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  await world.loop({ name: "slow", model: { provider: "sandbox", baseURL, name: "champion-model" } });
  await challenge("slow", baseURL);
  const answer = await chat({ model: "slow", user: "someone" }, { key: operator, signal: hangingUp.signal });
  server.close();
  server.closeAllConnections();
  assert.equal(answer.json.error.code, "hung_up");
  assert.deepEqual(asked, ["a-model-that-is-gone"]);
  assert.deepEqual(await world.database.query("select id from interaction where loop = 'slow'"), []);
});

/** Gives a loop a challenger that nearly everybody meets. */
async function challenge(loop: string, baseURL: string | null): Promise<void> {
  const at = new Date(world.now);
  const challengerId = newId();
  await world.database.db.withLoop(loop, async (tx) => {
    const { settings } = await loadLoop(tx, loop);
    await addModel(tx, {
      id: challengerId,
      loop,
      name: `${loop}-v1`,
      kind: "fine-tuned",
      role: "candidate",
      provider: { provider: "sandbox", baseURL, model: "a-model-that-is-gone" },
      examples: null,
      trainingRunId: null,
      at,
    });
    const id = newId();
    const parameters = {
      ...experimentParameters(settings, null),
      testAccounts: testAccountsOf(settings, id),
      share: 0.999,
    };
    await beginExperiment(
      tx,
      loop,
      { id, cycleId: null, challengerId, parameters, at },
      { actor: "test", reason: "a test" },
    );
  });
  await new Promise((resolve) => setTimeout(resolve, 300)); // the routing document is trusted for a quarter of a second
}
