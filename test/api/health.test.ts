import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pino } from "pino";
import { createApi } from "../../src/api/app.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import type { Workflows } from "../../src/client.ts";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { createServerMetrics } from "../../src/telemetry/server-metrics.ts";
import { openApiWorld } from "./api-world.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-health-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("without its database the server lives, is not ready, and answers 503 that says what is missing", async () => {
  const db = openDatabase("postgres://nobody@127.0.0.1:1/nothing");
  const log = pino({ level: "silent" });
  const api = createApi({
    db,
    log,
    workflows: { see: async () => ({ state: "missing", run: null, reset: false }) } as unknown as Workflows,
    metrics: createServerMetrics({ version: "test" }),
    metricsFor: "everybody",
    hash: (_, unit) => unit,
    clock: Date.now,
    stopping: new AbortController().signal,
    temporalUi: null,
    artifacts: openArtifacts(folder),
    serving: undefined as never, // not reached while the database is gone
  });
  assert.equal((await api.request("/healthz")).status, 200);
  const ready = await api.request("/readyz");
  assert.equal(ready.status, 503);
  const problem = (await ready.json()) as { missing: string[]; detail: string; hint: string };
  assert.deepEqual(problem.missing, ["database"]);
  assert.match(problem.detail, /the database does not answer/);
  assert.match(problem.hint, /DATABASE_URL/);
  const headers = { authorization: "Bearer rk_abcdef_0123456789abcdef0123" };
  assert.equal((await api.request("/api/loops", { headers })).status, 503);
  const chat = await api.request("/v1/chat/completions", { method: "POST", headers, body: "{}" });
  assert.equal(chat.status, 503);
  assert.equal(((await chat.json()) as { error: { type: string } }).error.type, "server_error");
  await db.close();
});

test("a server that is being stopped says so, serves on, and asks callers to come back elsewhere", async () => {
  const stopping = new AbortController();
  const api = createApi({
    stopping: stopping.signal,
    db: { ping: async () => {}, acrossLoops: async () => [] } as unknown as Database,
    workflows: { see: async () => ({ state: "missing", run: null, reset: false }) } as unknown as Workflows,
    log: pino({ level: "silent" }),
    metrics: createServerMetrics({ version: "test" }),
    metricsFor: "everybody",
    hash: (_, unit) => unit,
    clock: Date.now,
    temporalUi: null,
    artifacts: openArtifacts(folder),
    serving: undefined as never,
  });
  const before = await api.request("/readyz");
  assert.deepEqual([before.status, before.headers.get("connection")], [200, null]);
  stopping.abort();
  const ready = await api.request("/readyz");
  assert.equal(ready.status, 503);
  assert.match(((await ready.json()) as { detail: string }).detail, /this server is being stopped/);
  const alive = await api.request("/healthz");
  assert.deepEqual([alive.status, alive.headers.get("connection")], [200, "close"]);
});

test("what is missing is named, with what to do about each: files, Temporal, a provider that nobody configured", async () => {
  const world = await openApiWorld();
  const ready = async () => (await world.ask("GET", "/readyz", { key: null })).json;
  try {
    await world.loop({ name: "well" });
    assert.deepEqual(await ready(), { status: "ready", missing: [] });
    assert.deepEqual(readdirSync(world.folder), [], "what was written to try the folder is taken away");

    await world.loop({ name: "wired", model: { provider: "openai-wire", name: "some-model" } });
    world.temporal = false;
    rmSync(world.folder, { recursive: true });
    writeFileSync(world.folder, "a file where a folder should be");
    const { status, missing, why, todo } = await ready();
    assert.deepEqual([status, missing], ["degraded", ["temporal", "artifacts", "provider openai-wire"]]);
    assert.match(why[1], /^artifacts: the artifact folder cannot be used \(/);
    assert.match(why[2], /openai-wire has no key/);
    for (const [index, word] of [/TEMPORAL_ADDRESS/, /RATCHET_ARTIFACTS/, /OPENAI_API_KEY/].entries())
      assert.match(todo[index], word);
    assert.doesNotMatch(JSON.stringify({ missing, why, todo }), /wired|some-model/, "whoever asks learns of no loop");
  } finally {
    rmSync(world.folder, { force: true });
    await world.close();
  }
});
