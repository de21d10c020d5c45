import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { awaitReady } from "../../src/embedded/await-ready.ts";

let missing: string[] = [];
let asked = () => {};
const server = createServer((_, response) => {
  response.end(JSON.stringify({ status: missing.length === 0 ? "ready" : "degraded", missing }));
  asked();
}).listen(0, "127.0.0.1");
await once(server, "listening");
after(() => {
  server.close();
  server.closeAllConnections();
});
const api = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test("a start waits for nothing more once all is there, and not for a provider that a loop may never get", async () => {
  const patient = new AbortController().signal;
  await awaitReady(api(), patient);
  missing = ["provider openai-wire"];
  await awaitReady(api(), patient);
});

test("a start that is called off while something is missing says what the API said last", async () => {
  missing = ["temporal", "provider openai-wire"];
  const stopping = new AbortController();
  let times = 0;
  asked = () => {
    if (++times === 2) stopping.abort();
  };
  await assert.rejects(awaitReady(api(), stopping.signal), (error) => {
    assert.ok(error instanceof Fault && error.code === "unavailable");
    return /the API is not ready: 200 .*"temporal"/.test(error.message);
  });
});
