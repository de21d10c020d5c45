import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitServers } from "../../src/embedded/await-servers.ts";
import { freePort } from "../../src/embedded/port.ts";
import { until } from "./until.ts";

test("a server that does not answer is waited for and told of once, until everything is being stopped", async () => {
  const stopping = new AbortController();
  const told: string[] = [];
  const databaseUrl = `postgres://nobody@127.0.0.1:${await freePort()}/none`;
  const temporal = { address: `127.0.0.1:${await freePort()}`, namespace: "default", apiKey: null, tls: false };
  let over = false;
  const waiting = awaitServers("worker", { databaseUrl, temporal }, stopping.signal, (_level, message) =>
    told.push(message),
  ).then(() => {
    over = true;
  });
  await until("it tells of it", () => told.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(over, false);
  assert.equal(told.length, 1);
  assert.match(told[0]!, /^worker waits: the database does not answer/);
  stopping.abort();
  await waiting;
});
