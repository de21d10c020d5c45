import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import OpenAI from "openai";
import { pino } from "pino";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { newId } from "../../src/domain/id.ts";
import { unitHasher } from "../../src/domain/unit-hash.ts";
import { assign, hashPoints, type RoutingDocument } from "../../src/evidence/assignment.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { type ChatReply, type ChatRequest, chat, type ServingDeps } from "../../src/serving/chat.ts";
import { createRoutingCache } from "../../src/serving/routing-cache.ts";
import { createServedModels } from "../../src/serving/served-models.ts";
import { beginExperiment, conclude, promote } from "../../src/store/experiment/lifecycle.ts";
import type { Experiment } from "../../src/store/experiment/row.ts";
import { addModel } from "../../src/store/models.ts";
import { readRouting } from "../../src/store/routing.ts";
import { UNMEASURED } from "../../src/telemetry/meter.ts";
import { type Opened, openSandbox } from "../sandbox/open-sandbox.ts";
import { ASKED, AT, hours, makeLoop, PARAMETERS, PROMOTE } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-chat-"));
const artifacts = openArtifacts(folder);
const hash = unitHasher("a secret for tests only");
const USERS = Array.from({ length: 200 }, (_, index) => `user-${index}`);
let database: TestDatabase;
let opened: Opened;
let deps: ServingDeps;
let loop: string;
let now = AT.getTime();
let made = 0;
before(async () => {
  [database, opened] = await Promise.all([createTestDatabase(), openSandbox()]);
  const { db } = database;
  const clock = () => now;
  deps = {
    db,
    providers: createProviders({
      "openai-wire": { baseURL: null, apiKey: null },
      sandbox: { baseURL: opened.sandbox.baseURL },
    }),
    routing: createRoutingCache(db, clock),
    models: createServedModels({ db, artifacts }),
    hash,
    clock,
    log: pino({ level: "silent" }),
    meter: UNMEASURED,
  };
});
after(async () => {
  await opened.sandbox.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  now = AT.getTime();
  await makeLoop(database.db, loop, { actionFrom: "/action" });
});
afterEach(() => opened.calm());

const say = (more: Partial<ChatRequest> = {}, text = "wake me up at seven"): Promise<ChatReply> =>
  chat(
    deps,
    {
      loop,
      role: null,
      body: {
        messages: [
          { role: "system", content: "be kind" },
          { role: "user", content: text },
        ],
      },
      user: null,
      conversation: null,
      actionType: null,
      store: true,
      ...more,
    },
    new AbortController().signal,
  );
const recorded = async (id: string) => (await database.query("select * from interaction where id = $1", [id]))[0]!;
const count = async () =>
  (await database.query("select count(*)::int as rows from interaction where loop = $1", [loop]))[0]!.rows;
const routing = (): Promise<RoutingDocument> =>
  database.db.withLoop(loop, (tx) => readRouting(tx, loop, new Date(now)));
const sideOf = (document: RoutingDocument, side: string, units: string[] = USERS.map((user) => `user:${user}`)) =>
  units.find((unit) => assign(document, unit, now).variant === side)!.replace(/^\w+:/, "");

/** A challenger on half of the traffic: a real one, which learned in context, or one whose model is gone. */
async function tryOut(model = "sandbox-base", perRequest = 1): Promise<Experiment> {
  const line = JSON.stringify({
    prompt: "wake me up at seven",
    response: { role: "assistant", content: '{"action":"learned"}' },
  });
  const sha256 = await artifacts.put(loop, Buffer.from(line));
  return database.db.withLoop(loop, async (tx) => {
    const provider = { provider: "sandbox", baseURL: null, model } as const;
    const { id } = await addModel(tx, {
      id: newId(),
      loop,
      name: `${loop}-v1`,
      kind: "in-context",
      role: "candidate",
      provider,
      examples: { sha256, perRequest },
      trainingRunId: null,
      at: AT,
    });
    const parameters = { ...PARAMETERS, share: 0.5, holdback: 0.2 };
    return beginExperiment(tx, loop, { id: newId(), cycleId: null, challengerId: id, parameters, at: AT }, ASKED);
  });
}
const raise = ({ id }: Experiment) =>
  database.db.withLoop(loop, (tx) => promote(tx, loop, id, { verdict: PROMOTE, supported: true, at: AT }, ASKED));
/** Routing is read anew. */
const later = () => {
  now += 250;
};

test("an answer is recorded before it is given, with what made it", async () => {
  const reply = await say({ user: "ada", conversation: "c1" });
  const row = await recorded(reply.interactionId);
  const content = (reply.document.choices as { message: { content: string } }[])[0]!.message.content;
  assert.equal(row.action_type, JSON.parse(content).action);
  assert.deepEqual(
    [
      row.unit,
      row.conversation,
      row.variant,
      row.experiment_id,
      row.model_name,
      row.provider_model,
      row.error,
      row.store,
    ],
    [
      hash(loop, "user:ada"),
      hash(loop, "conversation:c1"),
      "champion",
      null,
      "sandbox-base",
      "sandbox-base",
      null,
      true,
    ],
  );
  assert.match(row.system_prompt_hash as string, /^[0-9a-f]{16}$/);
  assert.ok((row.input_tokens as number) > 0 && (row.output_tokens as number) > 0);
  assert.deepEqual((row.messages as unknown[]).length, 2);
});

test("the system prompt's hash tells prompts apart and keeps none", async () => {
  const prompt = async (content: string | null) => {
    const messages = [...(content === null ? [] : [{ role: "system", content }]), { role: "user", content: "wake me" }];
    return (await recorded((await say({ body: { messages } })).interactionId)).system_prompt_hash;
  };
  const hashes = [await prompt("a"), await prompt("b"), await prompt("a"), await prompt(null)];
  assert.equal(hashes[0], hashes[2]);
  assert.notEqual(hashes[0], hashes[1]);
  assert.equal(hashes[3], null);
  const days = ["Today is Friday, November 27, 2026.", "Today is Tuesday, December 1, 2026."];
  assert.equal(await prompt(days[0]!), await prompt(days[1]!), "a date is no other prompt");
});

test("what the caller says about action and learning is kept", async () => {
  const row = await recorded((await say({ actionType: "said", store: false })).interactionId);
  assert.deepEqual([row.action_type, row.store, row.unit], ["said", false, null]);
});

test("each side gets its own model, counts in the experiment, and stays where it is", async () => {
  const experiment = await tryOut();
  later();
  const document = await routing();
  const [treated, untreated] = [sideOf(document, "challenger"), sideOf(document, "champion")];
  for (let turn = 0; turn < 2; turn++) {
    const [learned, base] = [await say({ user: treated }), await say({ user: untreated })];
    assert.deepEqual(
      [learned.variant, learned.modelName, base.variant, base.modelName],
      ["challenger", `${loop}-v1`, "champion", "sandbox-base"],
    );
    const row = await recorded(learned.interactionId);
    assert.deepEqual(
      [row.action_type, row.experiment_id, row.phase, row.stratum],
      ["learned", experiment.id, "experiment", 0],
    );
    assert.equal((await recorded(base.interactionId)).experiment_id, experiment.id);
  }
  const nobody = await recorded((await say()).interactionId);
  assert.deepEqual([nobody.variant, nobody.experiment_id], ["champion", null]);
});

test("when the challenger's model is gone the champion answers, and it is the challenger's failure that is recorded", async () => {
  const experiment = await tryOut("ft:gone");
  later();
  const reply = await say({ user: sideOf(await routing(), "challenger") });
  assert.deepEqual([reply.variant, reply.modelName], ["challenger", "sandbox-base"]);
  const row = await recorded(reply.interactionId);
  assert.deepEqual([row.variant, row.model_name, row.experiment_id], ["challenger", "sandbox-base", experiment.id]);
  assert.match(row.error as string, /^challenger failed: 404/);
  assert.notEqual(row.response, null);
});

test("when the challenger's examples are gone the champion answers too", async () => {
  await tryOut();
  rmSync(join(folder, loop), { recursive: true });
  later();
  const reply = await say({ user: sideOf(await routing(), "challenger") });
  assert.equal(reply.modelName, "sandbox-base");
  assert.match((await recorded(reply.interactionId)).error as string, /challenger failed/);
});

test("in probation the standby answers for a new champion that fails, which is counted for the champion with its error", async () => {
  const experiment = await tryOut("ft:gone");
  await raise(experiment);
  later();
  const reply = await say({ user: sideOf(await routing(), "champion") });
  assert.deepEqual([reply.variant, reply.modelName], ["champion", "sandbox-base"]);
  const row = await recorded(reply.interactionId);
  assert.deepEqual(
    [row.variant, row.model_name, row.experiment_id, row.phase],
    ["champion", "sandbox-base", experiment.id, "probation"],
  );
  assert.match(row.error as string, /^champion failed: 404/);
  assert.notEqual(row.response, null);
});

test("when the champion fails too, the failure is recorded and the provider's error comes out", async () => {
  await opened.fault({ kind: "500", route: "chat" });
  await assert.rejects(say({ user: "ada" }), (error) => error instanceof OpenAI.InternalServerError);
  const [row] = await database.query("select * from interaction where loop = $1", [loop]);
  assert.deepEqual([row!.response, row!.action_type, row!.model_name], [null, null, "sandbox-base"]);
  assert.match(row!.error as string, /champion failed: 500/);
});

test("a provider's refusal is recorded without its text, which may quote people", async () => {
  await opened.fault({ kind: "400", route: "chat" });
  await assert.rejects(say());
  const [row] = await database.query("select error from interaction where loop = $1", [loop]);
  assert.doesNotMatch(row!.error as string, /wake|sandbox fault/);
});

test("who hangs up says nothing about the model: nothing is recorded, and nobody else is asked", async () => {
  await tryOut();
  later();
  await opened.fault({ kind: "hang", route: "chat" });
  const controller = new AbortController();
  const user = sideOf(await routing(), "challenger");
  const before = (await opened.stats()).requests.chat ?? 0;
  const request = {
    loop,
    role: null,
    body: { messages: [{ role: "user", content: "wake me" }] },
    user,
    conversation: null,
    actionType: null,
    store: true,
  };
  const asked = chat(deps, request, controller.signal);
  while (((await opened.stats()).requests.chat ?? 0) === before) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  await assert.rejects(asked);
  assert.equal(await count(), 0);
  assert.equal((await opened.stats()).requests.chat, before + 1);
});

test("an operator may ask a role by name, and then counts in no experiment", async () => {
  await tryOut();
  later();
  const user = sideOf(await routing(), "champion");
  const reply = await say({ role: "challenger", user });
  assert.deepEqual([reply.variant, reply.modelName], ["challenger", `${loop}-v1`]);
  assert.equal((await recorded(reply.interactionId)).experiment_id, null);
  assert.equal(
    (await say({ role: "champion", user: sideOf(await routing(), "challenger") })).modelName,
    "sandbox-base",
  );
});

test("a promotion is served as soon as routing is read again", async () => {
  const experiment = await tryOut();
  later();
  const document = await routing();
  const user = sideOf(document, "challenger");
  await say({ user });
  await raise(experiment);
  later();
  const reply = await say({ user });
  assert.deepEqual([reply.variant, reply.modelName], ["champion", `${loop}-v1`]);
  assert.equal((await recorded(reply.interactionId)).phase, "probation");
});

test("a conversation under way keeps its model through a promotion, and says nothing about the new one", async () => {
  const experiment = await tryOut();
  later();
  // On the champion's side now, and on the new champion's then.
  const user = USERS.find((name) => {
    const { u } = hashPoints(experiment.salt, `user:${name}`);
    return u >= 0.5 && u < 0.8;
  })!;
  assert.equal((await say({ user, conversation: "under way" })).variant, "champion");
  await raise(experiment);
  later();
  for (let turn = 0; turn < 3; turn++) {
    const reply = await say({ user, conversation: "under way" });
    assert.deepEqual([reply.variant, reply.modelName], ["standby", "sandbox-base"]);
    const row = await recorded(reply.interactionId);
    assert.deepEqual([row.experiment_id, row.phase], [null, null]);
  }
  assert.equal((await say({ user, conversation: "a new one" })).modelName, `${loop}-v1`);
  assert.equal((await say({ user })).modelName, `${loop}-v1`);
});

test("when probation is over the former champion is gone for its conversations too", async () => {
  const experiment = await tryOut();
  later();
  await say({ conversation: "old" });
  await raise(experiment);
  await database.db.withLoop(loop, (tx) =>
    conclude(tx, loop, experiment.id, { outcome: "promoted", at: hours(1) }, ASKED),
  );
  later();
  assert.equal((await say({ conversation: "old" })).modelName, `${loop}-v1`);
});

test("after a rollback everybody is back with whom they trusted", async () => {
  const experiment = await tryOut();
  await raise(experiment);
  later();
  await say({ conversation: "met the new one" });
  await database.db.withLoop(loop, (tx) =>
    conclude(tx, loop, experiment.id, { outcome: "rolled_back", at: hours(1) }, ASKED),
  );
  later();
  assert.equal((await say({ conversation: "met the new one" })).modelName, "sandbox-base");
});

test("past serve_until the challenger is not asked, whatever the row says", async () => {
  const experiment = await tryOut();
  const user = sideOf(await routing(), "challenger");
  now = experiment.serve_until.getTime();
  const reply = await say({ user });
  assert.deepEqual([reply.variant, reply.modelName], ["champion", "sandbox-base"]);
  assert.equal((await recorded(reply.interactionId)).experiment_id, null);
});

test("a loop that is not there is a fault, and nothing is asked", async () => {
  const before = (await opened.stats()).requests.chat ?? 0;
  await assert.rejects(say({ loop: "none" }), /no loop "none"/);
  assert.equal((await opened.stats()).requests.chat ?? 0, before);
});
