import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { createApi } from "../../src/api/app.ts";
import type { Workflows } from "../../src/client.ts";
import { type Database, openDatabase } from "../../src/db/database.ts";

test("without its database the server lives, is not ready, and answers 503 that says what is missing", async () => {
  const db = openDatabase("postgres://nobody@127.0.0.1:1/nothing");
  const log = pino({ level: "silent" });
  const api = createApi({
    db,
    log,
    workflows: { state: async () => "missing" } as unknown as Workflows,
    hash: (_, unit) => unit,
    clock: Date.now,
    stopping: new AbortController().signal,
    temporalUi: null,
    // Nothing below is reached while the database is gone.
    serving: undefined as never,
    artifacts: undefined as never,
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
    db: { ping: async () => {} } as unknown as Database,
    workflows: { state: async () => "missing" } as unknown as Workflows,
    log: pino({ level: "silent" }),
    hash: (_, unit) => unit,
    clock: Date.now,
    temporalUi: null,
    serving: undefined as never,
    artifacts: undefined as never,
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
