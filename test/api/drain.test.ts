import assert from "node:assert/strict";
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { drain } from "../../src/api/drain.ts";

/** Requests to /slow wait until the test lets them go; all others are answered at once. */
let server: Server;
let release: () => void;
let url: string;
let agent: Agent;
let reached: Promise<void>;
beforeEach(async () => {
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrived = () => {};
  reached = new Promise((resolve) => {
    arrived = resolve;
  });
  server = createServer(async (request, response) => {
    if (request.url === "/slow") {
      arrived();
      await gate;
    }
    response.end("answered");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  agent = new Agent({ keepAlive: true });
});
afterEach(() => {
  release();
  agent.destroy();
  server.closeAllConnections();
});

const ask = (path: string) =>
  new Promise<string>((resolve, reject) => {
    get(`${url}${path}`, { agent }, (response: IncomingMessage) => {
      response.setEncoding("utf8").on("data", resolve);
    }).on("error", reject);
  });

test("a request under way is answered, and nobody new gets in", async () => {
  const slow = ask("/slow");
  await reached;
  const drained = drain(server, new AbortController(), { leadMs: 0, patienceMs: 60_000 });
  await new Promise<void>((resolve) => {
    const again = () =>
      get(`${url}/new`, (response) => {
        response.resume();
        again();
      }).on("error", () => resolve());
    again();
  });
  release();
  assert.equal(await slow, "answered");
  assert.equal(await drained, 0);
});

test("before that everybody is served, and `stopping` says what is coming", async () => {
  const stopping = new AbortController();
  const drained = drain(server, stopping, { leadMs: 2_000, patienceMs: 60_000 });
  assert.ok(stopping.signal.aborted);
  assert.equal(await ask("/new"), "answered");
  assert.equal(await drained, 0, "a connection that is kept alive and idle does not hold it up");
});

test("an answer that does not come is cut off after a while", async () => {
  const slow = ask("/slow");
  const cut = assert.rejects(slow, { code: "ECONNRESET" });
  await reached;
  assert.equal(await drain(server, new AbortController(), { leadMs: 0, patienceMs: 50 }), 1);
  await cut;
});
