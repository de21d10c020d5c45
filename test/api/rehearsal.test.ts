// A file of the operator's own: kept whole or not at all, and named by settings only when it is there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sha256 } from "../../src/domain/sha256.ts";
import { readRehearsal } from "../../src/snapshot/rehearsal-file.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

const PATH = "/api/loops/demo/rehearsal";
const SETTINGS = { name: "demo", model: { provider: "sandbox", name: "sandbox-base" } };
let world: ApiWorld;

before(async () => {
  world = await openApiWorld();
  await world.loop({ name: "demo" });
  await world.loop({ name: "other" });
});
after(() => world?.close());

const example = (question: string) =>
  JSON.stringify({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: "yes" },
    ],
  });
const put = (raw: string, path = PATH) =>
  world.ask("PUT", path, { raw, headers: { "content-type": "application/jsonl" } });
const artifacts = () => world.database.query("select loop, sha256, bytes::int from artifact order by sha256");
const apply = (rehearsalFile: string, name = "demo") =>
  world.ask("PUT", `/api/loops/${name}`, { body: { ...SETTINGS, name, snapshot: { rehearsalFile } } });

test("a file is kept under its hash, counted, and twice is once", async () => {
  const text = `${example("is it late?")}\n${example("is it early?")}\n`;
  for (let round = 0; round < 2; round++) {
    const { status, json } = await put(text, `${PATH}?reason=approved+by+hand`);
    assert.deepEqual([status, json.sha256, json.lines], [200, sha256(text), 2]);
    assert.ok(json.tokens > 20);
    assert.match(json.hint, /"snapshot": \{"rehearsalFile"/);
  }
  assert.deepEqual(await artifacts(), [{ loop: "demo", sha256: sha256(text), bytes: Buffer.byteLength(text) }]);
  const kept = await readRehearsal(await world.artifacts.read("demo", sha256(text)));
  assert.deepEqual(
    kept.map(({ line }) => line),
    text.trimEnd().split("\n"),
  );
  const { data } = (await world.ask("GET", "/api/loops/demo/audit?limit=500")).json;
  const entries = data.filter(({ action }: { action: string }) => action === "rehearsal.keep");
  assert.deepEqual(
    entries.map(({ reason }: { reason: string }) => reason),
    ["approved by hand"],
  );
});

test("of a file with a broken line nothing is kept, and the line is named", async () => {
  const before = await artifacts();
  const { status, json } = await put(`${example("a")}\n{"messages":[{"role":"user","content":"a secret"}]}\n{"mess`);
  assert.equal(status, 400);
  assert.match(json.detail, /2 of 3 lines .*line 2 does not end with the assistant's message: .*; line 3 is not JSON/);
  assert.match(json.hint, /nothing was kept/);
  assert.doesNotMatch(JSON.stringify(json), /secret/);
  assert.equal((await put("")).status, 400);
  assert.deepEqual(await artifacts(), before);
});

test("a file that is too large is refused before it is read to its end, however it comes", async () => {
  const line = `${example("x".repeat(1_000_000))}\n`;
  const told = await world.ask("PUT", PATH, { raw: line, headers: { "content-length": "50000001" } });
  assert.deepEqual([told.status, told.json.detail], [413, "the file is larger than 50 MB"]);
  assert.equal((await put(" ".repeat(50_000_001))).status, 413);
});

test("a file may be larger than other requests", async () => {
  const line = `${example("is it late? ".repeat(80_000))}\n`;
  const { status, json } = await put(
    `${Array.from({ length: 11 }, () => example("x")).join("\n")}\n${" ".repeat(10_000_000)}\n`,
  );
  assert.deepEqual([status, json.lines], [200, 11]);
  assert.match((await put(line)).json.detail, /line 1 has more tokens than a trainer reads/);
});

test("settings name only a file that the loop has", async () => {
  const { sha256: hash } = (await put(`${example("b")}\n`)).json;
  const missing = await apply("0".repeat(64));
  assert.equal(missing.status, 400);
  assert.match(missing.json.detail, /"snapshot\.rehearsalFile" names a file that loop "demo" does not have/);
  assert.match(missing.json.hint, /ratchet snapshot rehearse FILE/);
  assert.equal((await apply(hash, "other")).status, 400);
  assert.equal((await apply("0".repeat(64), "new")).status, 400);
  assert.equal((await world.ask("GET", "/api/loops/new")).status, 404);
  const applied = await apply(hash);
  assert.deepEqual([applied.status, applied.json.settings.snapshot.rehearsalFile], [200, hash]);
});
