import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Artifacts, openArtifacts } from "../../src/artifacts/artifacts.ts";
import type { Database } from "../../src/db/database.ts";
import { newId } from "../../src/domain/id.ts";
import { createServedModels, parseExamples, type ServedModels } from "../../src/serving/served-models.ts";
import { addModel, championOf } from "../../src/store/models.ts";
import { AT, faultLike, makeLoop } from "../store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

const LOOP = "helpem";
const folder = mkdtempSync(join(tmpdir(), "ratchet-served-"));
let database: TestDatabase;
let artifacts: Artifacts;
let readings = 0;
let models: ServedModels;
before(async () => {
  database = await createTestDatabase();
  await makeLoop(database.db, LOOP);
  artifacts = openArtifacts(folder);
  const counted: Database = {
    ...database.db,
    withLoop: (name, work) => {
      readings++;
      return database.db.withLoop(name, work);
    },
  };
  models = createServedModels({ db: counted, artifacts });
});
after(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const lines = [
  { prompt: "wake me", response: { role: "assistant", content: "alarm" }, at: "ignored" },
  { prompt: "play", response: { role: "assistant", content: null, tool_calls: [] } },
];
const add = (sha256: string | null, name = newId()) =>
  database.db.withLoop(LOOP, (tx) =>
    addModel(tx, {
      id: newId(),
      loop: LOOP,
      name,
      kind: sha256 === null ? "fine-tuned" : "in-context",
      role: "candidate",
      provider: { provider: "sandbox", baseURL: null, model: "sandbox-base" },
      examples: sha256 === null ? null : { sha256, perRequest: 3 },
      trainingRunId: null,
      at: AT,
    }),
  );

test("a model with examples comes with their index, and one without comes without", async () => {
  const sha256 = await artifacts.put(LOOP, Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n")));
  const { id } = await add(sha256);
  const served = await models(LOOP, id);
  assert.equal(served.examples?.size, 2);
  assert.deepEqual(served.examples?.nearest("wake me up", 1), [
    {
      prompt: "wake me",
      messages: [
        { role: "user", content: "wake me" },
        { role: "assistant", content: "alarm" },
      ],
    },
  ]);
  const champion = await database.db.withLoop(LOOP, (tx) => championOf(tx, LOOP));
  assert.equal((await models(LOOP, champion.id)).examples, null);
});

test("a model is loaded once, for many requests at the same moment too", async () => {
  const { id } = await add(null);
  readings = 0;
  const all = await Promise.all(Array.from({ length: 20 }, () => models(LOOP, id)));
  assert.equal(new Set(all).size, 1);
  assert.equal(readings, 1);
});

test("what could not be loaded is tried again", async () => {
  const sha256 = await artifacts.put(LOOP, Buffer.from(JSON.stringify(lines[0])));
  const { id } = await add(sha256);
  await artifacts.delete(LOOP, sha256);
  await assert.rejects(models(LOOP, id), faultLike("not_found", /artifact store/));
  await artifacts.put(LOOP, Buffer.from(JSON.stringify(lines[0])));
  assert.equal((await models(LOOP, id)).examples?.size, 1);
});

test("only so many are kept: the one used least lately is let go", async () => {
  const [first, second] = [await add(null), await add(null)];
  await models(LOOP, first.id);
  await models(LOOP, second.id);
  for (let index = 0; index < 63; index++) {
    await models(LOOP, (await add(null)).id);
    await models(LOOP, first.id);
  }
  readings = 0;
  await models(LOOP, first.id);
  assert.equal(readings, 0, "used all the time");
  await models(LOOP, second.id);
  assert.equal(readings, 1, "let go");
});

test("another loop's model is not there", async () => {
  await makeLoop(database.db, "other");
  const { id } = await add(null);
  await assert.rejects(models("other", id), faultLike("not_found", /no model/));
});

test("an examples file reads line by line, with or without a last newline; a broken line is an error", () => {
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  assert.deepEqual(parseExamples(`${text}\n`), parseExamples(text));
  assert.deepEqual(parseExamples(""), []);
  for (const broken of ["{", "{}", '{"prompt":"x"}', '{"prompt":7,"response":{"role":"assistant"}}'])
    assert.throws(() => parseExamples(`${text}\n${broken}\n`));
});
