import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newId } from "../../src/domain/id.ts";
import { collect } from "../../src/store/collect.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { type ApiWorld, openApiWorld } from "./api-world.ts";

const bytes = Buffer.from(randomBytes(6_000_000).toString("hex"));
let world: ApiWorld;
let file: { name: string; sha256: string; bytes: number; examples: number };
let path: string;

before(async () => {
  world = await openApiWorld();
  await world.loop({ name: "demo" });
  file = { name: "train.jsonl", sha256: await world.artifacts.put("demo", bytes), bytes: bytes.length, examples: 1 };
  const at = new Date(world.now);
  const id = newId();
  const { number: watermark } = await collect(world.database.db, "demo", at);
  await world.database.db.withLoop("demo", async (tx) => {
    const asked = { actor: "test", reason: "a test" };
    const cycle = await createCycle(tx, "demo", asked, { pulse: null, watermark, settingsVersion: 1, asOf: at });
    const entry = { id, loop: "demo", cycle_id: cycle.id, watermark, seed: "s", manifest: {} };
    await addSnapshot(tx, { ...entry, manifest_sha256: file.sha256, examples: 1, at }, [file], 0);
  });
  path = `/api/snapshots/${id}/files/train.jsonl`;
});
after(() => world.close());

test("a snapshot's large file is sent with its length, gzipped in the store or not", async () => {
  for (let round = 0; round < 2; round++) {
    const answer = await world.ask("GET", path);
    assert.deepEqual([answer.status, answer.headers.get("content-length")], [200, String(bytes.length)]);
    assert.equal(answer.text, bytes.toString());
    await world.artifacts.compress("demo", file.sha256);
  }
});

test("a large file that is damaged breaks off before its end, and the log says so", async () => {
  await world.artifacts.put("demo", bytes);
  writeFileSync(
    join(world.folder, "demo", file.sha256.slice(0, 2), file.sha256),
    bytes.fill("x", 7_000_000, 7_000_001),
  );
  await assert.rejects(world.ask("GET", path), /does not have the bytes|terminated/);
  const logged = world.logged.find((line) => line.event === "request_failed");
  assert.match(String(logged?.error), /does not have the bytes/);
});
