import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { isId, newId } from "../../src/domain/id.ts";
import type { Interaction } from "../../src/domain/interaction.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { conversationModel, recordInteractions } from "../../src/store/interactions.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { AT, hours, interactionOf, makeLoop, ratingOf, warmUp } from "./loop-fixture.ts";

let database: TestDatabase;
let loop: string;
let made = 0;
before(async () => {
  database = await createTestDatabase();
  await warmUp(database.db);
});
after(() => database.drop());
beforeEach(async () => {
  loop = `loop-${++made}`; // each test has a loop to itself
  await makeLoop(database.db, loop);
});

const record = (...interactions: Partial<Interaction>[]) =>
  database.db.withLoop(loop, (tx) =>
    recordInteractions(
      tx,
      loop,
      interactions.map((given) => interactionOf(given)),
    ),
  );
const kept = (columns = "id") =>
  database.query(`select ${columns} from interaction where loop = $1 order by id`, [loop]);

test("what nobody named gets an id of ours, a new one each time", async () => {
  const ids = [...(await record({}, {})), ...(await record({}))];
  assert.ok(ids.every(isId));
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual(
    (await kept()).map((row) => row.id),
    ids.toSorted(),
  );
});

test("the same client's id is the same interaction: first come, and the rest changes nothing", async () => {
  const [first, again] = await record(
    { clientId: "a", modelName: "first" },
    { clientId: "a", modelName: "in the same batch" },
  );
  const [later] = await record({ clientId: "a", modelName: "later" });
  assert.deepEqual([again, later], [first, first]);
  assert.deepEqual(await kept("model_name"), [{ model_name: "first" }]);
});

test("a batch answers in its own order, known and new mixed", async () => {
  const [b, a] = await record({ clientId: "b" }, { clientId: "a" });
  const ids = await record({ clientId: "c" }, { clientId: "a" }, {}, { clientId: "b" }, { clientId: "c" });
  assert.deepEqual([ids[1], ids[3], ids[4]], [a, b, ids[0]]);
  assert.equal(new Set(ids).size, 4);
  assert.equal((await kept()).length, 4);
});

test("what is sent again under the id that we gave it is a repeat too", async () => {
  const [unnamed, named] = await record({}, { clientId: "named" });
  assert.deepEqual(await record({ clientId: unnamed! }, { clientId: named!.toUpperCase() }), [unnamed, named]);
  assert.equal((await kept()).length, 2);
});

test("an id that merely looks like one of ours is a client's like any other", async () => {
  const theirs = newId();
  const [id, again] = await record({ clientId: theirs }, { clientId: theirs });
  assert.notEqual(id, theirs);
  assert.equal(again, id);
});

test("the same client's id in another loop is another interaction", async () => {
  const [here] = await record({ clientId: "shared" });
  const other = `${loop}-other`;
  await makeLoop(database.db, other);
  const [there, strange] = await database.db.withLoop(other, (tx) =>
    recordInteractions(tx, other, [interactionOf({ clientId: "shared" }), interactionOf({ clientId: here! })]),
  );
  assert.equal(new Set([here, there, strange]).size, 3, "nor does another loop's id lead anywhere");
});

test("many that record the same things at once record them once", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  const all = await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      const order = writer % 2 === 0 ? names : names.toReversed();
      const ids = await record(...order.map((clientId) => ({ clientId })));
      return new Map(order.map((name, index) => [name, ids[index]]));
    }),
  );
  for (const name of names) assert.equal(new Set(all.map((ids) => ids.get(name))).size, 1);
  assert.equal((await kept()).length, 30);
});

test("an empty batch is nothing", async () => {
  assert.deepEqual(await record(), []);
});

test("ids of 128 characters, of any script, are kept whole", async () => {
  const names = [
    "x".repeat(128),
    "ü".repeat(128),
    "語".repeat(128),
    "👍".repeat(64),
    " ",
    "'; drop table loop; --",
    "%_\\",
  ];
  const ids = await record(...names.map((clientId) => ({ clientId })));
  assert.equal(new Set(ids).size, names.length);
  assert.deepEqual(await record(...names.map((clientId) => ({ clientId }))), ids);
});

test("text that PostgreSQL cannot hold is cleaned, keys of objects too, and nothing else is touched", async () => {
  const hostile = "a\0b\ud800c\udc00d👍";
  await record({
    clientId: "x\ud800",
    modelName: hostile,
    messages: [
      { role: "user", content: [{ type: "text", text: hostile }], [hostile]: { deep: [hostile, 1, null, true] } },
    ],
    response: { role: "assistant", content: hostile },
    actionType: hostile,
    actionData: { [hostile]: hostile },
    error: hostile,
    metadata: { [hostile]: "__proto__", ["__proto__"]: 1 },
  });
  const clean = "ab\ufffdc\ufffdd👍";
  const [row] = await kept("model_name, messages, response, action_type, action_data, error, metadata");
  assert.deepEqual(row, {
    model_name: clean,
    messages: [{ role: "user", content: [{ type: "text", text: clean }], [clean]: { deep: [clean, 1, null, true] } }],
    response: { role: "assistant", content: clean },
    action_type: clean,
    action_data: { [clean]: clean },
    error: clean,
    metadata: JSON.parse(`{"${clean}":"__proto__","__proto__":1}`),
  });
  assert.equal((await record({ clientId: "x\ud800" })).length, 1, "and its name is found again");
  assert.equal((await kept()).length, 1);
});

test("every field comes back as it went in", async () => {
  const given = interactionOf({
    clientId: "whole",
    at: new Date("2026-10-01T01:02:03.456Z"),
    unit: "unit",
    conversation: "conversation",
    modelId: newId(),
    providerModel: "gpt-x",
    systemPromptHash: "0123456789abcdef",
    variant: "challenger",
    response: null,
    tools: [{ type: "function", function: { name: "wake" } }],
    actionData: [1, { two: 2 }],
    quality: 0.25,
    latencyUs: 3_000_000_000,
    inputTokens: 2_147_483_647,
    costMicros: 9_007_199_254_740_991,
    error: "it broke",
    store: false,
    metadata: { kept: [] },
  });
  await record(given);
  const [row] = await database.query("select * from interaction where loop = $1", [loop]);
  assert.deepEqual(
    { ...row, id: null },
    {
      id: null,
      loop,
      at: given.at,
      unit: "unit",
      conversation: "conversation",
      model_id: given.modelId,
      model_name: "sandbox-base",
      provider_model: "gpt-x",
      system_prompt_hash: "0123456789abcdef",
      variant: "challenger",
      experiment_id: null,
      phase: null,
      stratum: null,
      messages: given.messages,
      response: null,
      action_type: "alarm",
      action_data: [1, { two: 2 }],
      quality: 0.25,
      latency_us: "3000000000",
      input_tokens: 2_147_483_647,
      output_tokens: 5,
      cost_micros: "9007199254740991",
      error: "it broke",
      store: false,
      tools: given.tools,
      metadata: { kept: [] },
      pulse: null,
    },
  );
});

test("one bad row costs its whole batch: all or nothing", async () => {
  await assert.rejects(record({ clientId: "good" }, { clientId: "bad", quality: 7 }), { constraint: /quality/ });
  assert.equal((await kept()).length, 0);
  assert.equal((await record({ clientId: "good" })).length, 1);
});

test("a conversation remembers what answered it last, by when it happened and not by when it came", async () => {
  const [old, young, other] = [newId(), newId(), newId()];
  const remembered = () => database.db.withLoop(loop, (tx) => conversationModel(tx, loop, "c"));
  assert.equal(await remembered(), null);
  await record({ conversation: "c", modelId: young, at: hours(2) }, { conversation: "c", modelId: old, at: hours(1) });
  assert.equal(await remembered(), young);
  await record({ conversation: "c", modelId: other, at: hours(0) }, { conversation: "c", modelId: null, at: hours(9) });
  assert.equal(await remembered(), young, "an earlier one, and one by a model that is not ours, change nothing");
  await record({ conversation: "c", modelId: other, at: hours(3) });
  assert.equal(await remembered(), other);
});

test("a repeat does not bring a conversation back to an older model", async () => {
  const [first, second] = [newId(), newId()];
  await record({ clientId: "1", conversation: "c", modelId: first, at: AT });
  await record({ clientId: "2", conversation: "c", modelId: second, at: AT });
  await record({ clientId: "1", conversation: "c", modelId: first, at: hours(5) });
  assert.equal(await database.db.withLoop(loop, (tx) => conversationModel(tx, loop, "c")), second);
});

test("ratings that waited for interactions are counted with them, in one batch too", async () => {
  await database.db.withLoop(loop, (tx) =>
    recordFeedback(tx, loop, [ratingOf("a", 1), ratingOf("b", -1), ratingOf("never", 1)], AT),
  );
  const counted = () =>
    database.query("select day::text, up::int, down::int from feedback_rollup where loop = $1", [loop]);
  assert.deepEqual(await counted(), []);
  await record({ clientId: "b" }, { clientId: "a" }, { clientId: "unrated" });
  assert.deepEqual(await counted(), [{ day: "2026-11-03", up: 1, down: 1 }]);
});

test("what is nested beyond all measure is refused in words, and nothing is recorded", async () => {
  let nested: unknown = "x";
  for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
  await assert.rejects(record({ clientId: "deep", metadata: { nested } }), {
    code: "invalid",
    message: /nested too deeply/,
  });
  assert.equal((await kept()).length, 0);
});
