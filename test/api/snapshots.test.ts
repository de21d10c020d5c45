// Snapshots over HTTP: their pages, and what changed from one to the next.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sha256 } from "../../src/domain/sha256.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";
import { makeSnapshot, record, said } from "./make-snapshot.ts";

let world: ApiWorld;
let first: string;
let second: string;
let elsewhere: string;

before(async () => {
  world = await openApiWorld();
  await world.loop({ name: "demo", snapshot: { validationShare: 0, nearDuplicate: null, actionWeights: { rare: 3 } } });
  await record(world, "demo", [
    ...Array.from({ length: 30 }, (_, at) =>
      said(`wake me at ${at}`, `alarm set for ${at}`, 1, { unit: `user:${at}` }),
    ),
    said("mail jane@acme.com", "done", 1, { action: "rare" }),
    said("two and two?", "five", -1),
  ]);
  first = await makeSnapshot(world, "demo");
  world.now += 3_600_000;
  await world.loop({ name: "demo", snapshot: { validationShare: 0, nearDuplicate: null, actionTypes: ["todo"] } });
  await record(world, "demo", [said("good night", "sleep well"), said("thank you", "any time")]);
  second = await makeSnapshot(world, "demo");
  await world.loop({ name: "other", snapshot: { validationShare: 0 } });
  await record(world, "other", [said("hello", "hi there")]);
  elsewhere = await makeSnapshot(world, "other");
});
after(() => world?.close());

test("a snapshot's files are listed with their roles, and tokens where they go to trainers", async () => {
  const { files, manifest } = (await world.ask("GET", `/api/snapshots/${first}`)).json;
  const roles = files.map(({ role, tokens }: { role?: string; tokens?: number }) => [role ?? null, tokens ?? null]);
  const { tokens } = manifest.files.find(({ role }: { role: string }) => role === "training");
  assert.ok(tokens > 0);
  assert.deepEqual(roles, [
    [null, null],
    ["examples", null],
    [null, null],
    ["rejected", null],
    ["training", tokens],
  ]);
});

test("the manifest and the card are served as what they are, to the byte", async () => {
  const manifest = await world.ask("GET", `/api/snapshots/${first}/files/manifest.json`);
  const { manifest_sha256: hash } = (await world.ask("GET", `/api/snapshots/${first}`)).json;
  assert.deepEqual(
    [manifest.headers.get("content-type"), sha256(manifest.text)],
    ["application/json; charset=utf-8", hash],
  );
  const card = await world.ask("GET", `/api/snapshots/${first}/files/CARD.md`);
  assert.equal(card.headers.get("content-type"), "text/markdown; charset=utf-8");
  assert.match(card.text, /^# Training snapshot of demo/);
});

test("two snapshots are compared by what decided them, what came of it, and where their lines come from", async () => {
  const { status, json } = await world.ask("GET", `/api/snapshots/${first}/diff/${second}`);
  assert.equal(status, 200);
  assert.deepEqual([json.from.id, json.to.id], [first, second]);
  // The weighted example stands there three times, and is one.
  assert.deepEqual(json.examples, { in_both: 30, from_only: 1, to_only: 2 });
  assert.deepEqual(json.settings, [
    { name: "actionTypes", from: null, to: ["todo"] },
    { name: "actionWeights", from: { rare: 3 }, to: {} },
  ]);
  assert.deepEqual([json.kept, json.recipe], [{ from: 31, to: 32 }, null]);
  assert.deepEqual(
    json.dropped.map(({ rule, from, to }: Record<string, unknown>) => [rule, from, to]),
    [
      ["not-rated-up", 1, 1],
      ["other-action", 0, 1],
    ],
  );
  assert.deepEqual(json.redactions, [{ type: "EMAIL", from: 1, to: 0 }]);
  const back = (await world.ask("GET", `/api/snapshots/${second}/diff/${first}`)).json;
  assert.deepEqual(back.examples, { in_both: 30, from_only: 2, to_only: 1 });
  const same = (await world.ask("GET", `/api/snapshots/${first}/diff/${first}`)).json;
  assert.deepEqual([same.examples, same.files], [{ in_both: 31, from_only: 0, to_only: 0 }, []]);
});

test("snapshots of two loops are not compared: to one loop the other's is not there", async () => {
  const { status, json } = await world.ask("GET", `/api/snapshots/${first}/diff/${elsewhere}`);
  assert.deepEqual([status, json.detail], [404, `loop "demo" has no snapshot "${elsewhere}"`]);
  assert.equal((await world.ask("GET", `/api/snapshots/nothing/diff/${first}`)).status, 404);
  const key = await world.key(["read"], "other");
  assert.equal((await world.ask("GET", `/api/snapshots/${first}/diff/${second}`, { key })).status, 404);
});
