import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { collect } from "../../src/store/collect.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

let world: ApiWorld;
before(async () => {
  world = await openApiWorld();
});
after(() => world.close());

const put = (name: string, body: unknown, query = "") => world.ask("PUT", `/api/loops/${name}${query}`, { body });

test("before there is a loop, a request about one says how to make it", async () => {
  const answer = await world.ask("GET", "/api/feedback");
  assert.equal(answer.status, 400);
  assert.match(answer.json.detail, /no loop yet/);
});

test("applying settings makes the loop with its base model and pulse, and writes out the defaults", async () => {
  const created = await put("demo", { name: "demo", readiness: { minFeedback: 10 } });
  assert.equal(created.status, 201, created.text);
  assert.deepEqual([created.json.created, created.json.settings_version, created.json.told], [true, 1, true]);
  assert.deepEqual(created.json.settings.readiness, { minFeedback: 10, optimalFeedback: 1000 });
  assert.equal(world.told.at(-1), "ensurePulse demo 30 minutes");
  const models = await world.ask("GET", "/api/loops/demo/models");
  assert.deepEqual(
    models.json.data.map((model: { name: string; role: string }) => [model.name, model.role]),
    [["llama-3.3-70b-instruct", "champion"]],
  );
});

test("what GET gives can be changed and put back; the same settings again change nothing; the reason is on record", async () => {
  const shown = (await world.ask("GET", "/api/loops/demo")).json;
  const same = await put("demo", shown);
  assert.deepEqual([same.status, same.json.changed, same.json.settings_version], [200, false, 1]);
  shown.settings.readiness.minFeedback = 20;
  const changed = await put("demo", shown.settings, "?reason=more%20evidence");
  assert.deepEqual([changed.json.changed, changed.json.settings_version], [true, 2]);
  const [entry] = (await world.ask("GET", "/api/loops/demo/audit?limit=1")).json.data;
  assert.deepEqual([entry.action, entry.reason, entry.subject], ["loop.settings", "more evidence", "settings/2"]);
  assert.match(entry.actor, /^key:/);
});

test("settings that are not valid name every fault and change nothing", async () => {
  const answer = await put("demo", {
    name: "demo",
    snapshto: {},
    readiness: { minFeedbak: 3 },
    experiment: { minDuration: "two days" },
  });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.deepEqual(Object.keys(answer.json).sort(), ["code", "detail", "faults", "hint", "status", "title", "type"]);
  assert.deepEqual([answer.json.code, answer.json.status], ["invalid", 400]);
  assert.match(answer.json.detail, /unknown setting "snapshto": did you mean "snapshot"\?/);
  assert.match(answer.json.detail, /unknown setting "readiness.minFeedbak": did you mean "minFeedback"\?/);
  assert.match(answer.json.detail, /"two days" is not a duration/);
  const misnamed = await put("demo", { name: "other" });
  assert.match(misnamed.json.detail, /those of loop "other", and the path names "demo"/);
  for (const body of [[], "demo", null, 3]) assert.equal((await put("demo", body)).status, 400);
  assert.equal((await put("Not_A_Name", { name: "Not_A_Name" })).status, 400);
  assert.equal((await world.ask("GET", "/api/loops/demo")).json.settings_version, 2);
  assert.equal((await world.ask("GET", "/api/loops")).json.data.length, 1);
});

test("a body that is not JSON is 400 and says where it stops being JSON", async () => {
  for (const headers of [{ "content-type": "application/json" }, { "content-type": "text/plain" }]) {
    const answer = await world.ask("POST", "/api/feedback", { raw: '{"interaction_id": "a", value: 1}', headers });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.match(answer.json.detail, /the body is not JSON: it stops making sense at position 24/);
  }
});

test("a JSON body is understood whatever its content type says", async () => {
  const answer = await world.ask("POST", "/api/feedback", {
    raw: '{"interaction_id":"a","value":1}',
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  assert.equal(answer.status, 202, answer.text);
});

test("an unknown loop is 404, and with two loops a request has to say which one it means", async () => {
  assert.equal((await world.ask("GET", "/api/feedback")).status, 200);
  const unknown = await world.ask("POST", "/api/feedback?loop=nowhere", { body: { interaction_id: "a", value: 1 } });
  assert.deepEqual([unknown.status, unknown.json.code], [404, "not_found"]);
  assert.equal((await world.ask("GET", "/api/loops/nowhere/cycles")).status, 404);
  assert.equal((await world.ask("POST", "/api/loops/nowhere/cycles", { body: { reason: "a test" } })).status, 404);
  await put("second", { name: "second" });
  const vague = await world.ask("GET", "/api/feedback");
  assert.equal(vague.status, 400);
  assert.match(vague.json.hint, /\?loop=NAME/);
  const bound = await world.key(["read"], "second");
  assert.equal((await world.ask("GET", "/api/feedback", { key: bound })).status, 200);
});

test("the routing document is not sent again while it has not changed", async () => {
  const first = await world.ask("GET", "/api/loops/demo/routing");
  const etag = first.headers.get("etag")!;
  assert.equal(Date.parse(first.json.expires_at) - world.now, 30_000);
  world.now += 5_000;
  const second = await world.ask("GET", "/api/loops/demo/routing", { headers: { "if-none-match": `W/"x", ${etag}` } });
  assert.deepEqual([second.status, second.text], [304, ""]);
  assert.equal(Date.parse(second.headers.get("x-ratchet-expires-at")!) - world.now, 30_000);
  await put("demo", { name: "demo", readiness: { minFeedback: 30 } });
  assert.equal((await world.ask("GET", "/api/loops/demo/routing", { headers: { "if-none-match": etag } })).status, 200);
});

test("gold cases are checked line by line, added once each, and listed by set", async () => {
  const add = (cases: unknown) =>
    world.ask("POST", "/api/loops/demo/gold", { body: { set: "greetings", cases, reason: "a test" } });
  const wrong = await add([
    { input: "hi", expected: "hello" },
    { input: "hi", expected: "hello", scorer: "psychic" },
  ]);
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.detail, /line 2/);
  const added = await add([
    { input: "hi", expected: "hello", id: "one" },
    { input: "bye", expected: "goodbye", id: "two" },
  ]);
  assert.deepEqual([added.status, added.json], [201, { set: "greetings", added: 2, total: 2 }]);
  assert.equal((await add('{"input":"hi","expected":"hello there","id":"one"}')).json.total, 2);
  const listed = (await world.ask("GET", "/api/loops/demo/gold?set=greetings&limit=1")).json;
  assert.deepEqual([listed.data.length, listed.has_more], [1, true]);
  assert.deepEqual((await world.ask("GET", "/api/loops/demo/gold?set=none")).json.data, []);
});

test("a snapshot's file is served to the byte, and a damaged one is our fault, told without its path", async () => {
  const bytes = Buffer.from('{"messages":[]}\n');
  const at = new Date(world.now);
  const id = newId();
  const sha256 = await world.artifacts.put("demo", bytes);
  const { number: watermark } = await collect(world.database.db, "demo", at);
  await world.database.db.withLoop("demo", async (tx) => {
    const asked = { actor: "test", reason: "a test" };
    const cycle = await createCycle(tx, "demo", asked, { pulse: null, watermark, settingsVersion: 1, asOf: at });
    const entry = {
      id,
      loop: "demo",
      cycle_id: cycle.id,
      watermark,
      seed: "s",
      manifest: {},
      manifest_sha256: sha256,
      examples: 1,
      at,
    };
    await addSnapshot(tx, entry, [{ name: "train.jsonl", sha256, bytes: bytes.length, examples: 1 }], 0);
  });
  assert.deepEqual((await world.ask("GET", `/api/snapshots/${id}`)).json.files, [
    { name: "train.jsonl", sha256, bytes: bytes.length, examples: 1 },
  ]);
  const file = await world.ask("GET", `/api/snapshots/${id}/files/train.jsonl`);
  assert.deepEqual([file.status, file.text], [200, bytes.toString()]);
  const missing = await world.ask("GET", `/api/snapshots/${id}/files/test.jsonl`);
  assert.deepEqual([missing.status, missing.json.hint], [404, "it has train.jsonl"]);

  writeFileSync(join(world.folder, "demo", sha256.slice(0, 2), sha256), "damaged");
  const damaged = await world.ask("GET", `/api/snapshots/${id}/files/train.jsonl`);
  assert.equal(damaged.status, 500);
  assert.deepEqual(Object.keys(damaged.json).sort(), ["code", "detail", "instance", "status", "title", "type"]);
  assert.ok(!damaged.text.includes(sha256) && !damaged.text.includes("at "), damaged.text);
  const logged = world.logged.find((line) => line.event === "request_failed");
  assert.equal(damaged.json.instance, `urn:uuid:${logged?.id}`);
});

test("lists of numbered things go page by page, and single entries have their own address", async () => {
  const { data: all } = (await world.ask("GET", "/api/loops/demo/audit?limit=500")).json;
  const first = (await world.ask("GET", "/api/loops/demo/audit?limit=1")).json;
  const second = (await world.ask("GET", `/api/loops/demo/audit?limit=1&cursor=${first.next_cursor}`)).json;
  assert.equal(second.data[0].sequence, all[1].sequence);
  assert.deepEqual((await world.ask("GET", "/api/loops/demo/audit/1")).json, all.at(-1));
  for (const path of ["audit/999", "audit/x", "alerts/x", "models/nobody"])
    assert.equal((await world.ask("GET", `/api/loops/demo/${path}`)).status, 404, path);
  for (const query of ["limit=0", "limit=x", "cursor=x"])
    assert.equal((await world.ask("GET", `/api/loops/demo/audit?${query}`)).status, 400, query);
});

test("settings that would undo a promise of experiments are refused, and a probation that compares nobody is warned of", async () => {
  const apply = (more: object) =>
    world.ask("PUT", "/api/loops/promises", { body: { settings: { name: "promises", ...more } } });
  for (const [experiment, words] of [
    [{ lookEvery: "25 hours" }, /"experiment\.lookEvery" is longer than a day: harm is stopped at the next look/],
    [
      { lookEvery: "3 hours", minDuration: "2 hours" },
      /"experiment\.lookEvery" is longer than minDuration \(2 hours\)/,
    ],
  ] as const) {
    const answer = await apply({ experiment });
    assert.equal(answer.status, 400);
    assert.match(answer.json.detail, words);
  }
  assert.equal((await apply({ experiment: { lookEvery: "1 hour", minDuration: "1 second" } })).status, 201);
  assert.equal((await apply({ experiment: { enabled: false, lookEvery: "2 days" } })).status, 200);
  const unwatched = await apply({ probation: { holdback: 0 } });
  assert.match(
    unwatched.json.warnings.join(),
    /^probation\.holdback is 0, so that for the 2 days after a promotion nobody keeps/,
  );
  assert.deepEqual((await apply({ probation: { holdback: 0, duration: "0 hours" } })).json.warnings, []);
  assert.deepEqual((await apply({})).json.warnings, []);
});
