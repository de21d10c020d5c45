// Two servers and two workers on a PostgreSQL and a Temporal that were started apart, as in production: a loop's life goes
// through all of them, and all of them can be replaced one by one under traffic.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { migrate } from "../../src/db/migrate.ts";
import { Ledger } from "../crash/load-ledger.ts";
import { keepLearning, openOperator, prepareLoops, TRAFFIC } from "../crash/load-loops.ts";
import { prove } from "../crash/load-proof.ts";
import { type Caller, openCaller } from "../crash/load-request.ts";
import { sendTraffic } from "../crash/load-traffic.ts";
import { openStack, type Program, type Stack } from "../crash/stack.ts";
import { until } from "../workflows/loop-life.ts";
import { openBalancer } from "./balancer.ts";

/** Longer than the balancer takes to notice. */
const env = { RATCHET_DRAIN_SECONDS: "1" };
let stack: Stack;
let caller: Caller;
let servers: Program[];
let workers: Program[];
before(async () => {
  stack = await openStack({ jobMs: 3_000 });
  caller = openCaller();
  servers = [await stack.startServer({ env }), await stack.startServer({ env })];
  workers = [await stack.startWorker(), await stack.startWorker()];
});
after(async () => {
  caller?.close();
  await stack?.close();
});

const ask = async (server: Program, path: string, body: unknown) => {
  const { status, headers, body: answer } = await caller.send(server.url, { path, key: stack.key, body });
  assert.ok(status !== null && status < 300, `${path}: ${status} ${JSON.stringify(answer)}`);
  return { headers, answer };
};
const modelFor = async (server: Program, user: string) => {
  const body = { model: TRAFFIC, user, messages: [{ role: "user", content: "turn off the lights" }] };
  return String((await ask(server, "/v1/chat/completions", body)).headers["x-ratchet-model"]);
};

test("traffic goes on while both servers and both workers are replaced, one after the other, and nothing is lost or refused", async () => {
  const balancer = openBalancer(
    caller,
    servers.map(({ url }) => url),
  );
  let turn = 0;
  const operator = openOperator(stack, () => servers[turn++ % 2]!.url);
  const before = await prepareLoops(stack, operator);
  const ledger = new Ledger();
  const stopping = new AbortController();
  const traffic = sendTraffic(ledger, {
    loop: TRAFFIC,
    key: stack.key,
    seconds: Number.POSITIVE_INFINITY,
    requestsPerSecond: 20,
    ratingsPerSecond: 5,
    seed: 5,
    deliver: balancer.deliver,
    signal: stopping.signal,
  });
  const learning = keepLearning(stack, operator, traffic);
  const ends: unknown[] = [];
  const cutOff: unknown[] = [];
  try {
    for (const index of [0, 1]) {
      const { url, exited, stop, lastLines } = servers[index]!;
      await stop();
      ends.push(await exited);
      const said = lastLines().map((line) => JSON.parse(line) as { event: string; cut_off?: number });
      cutOff.push(said.find(({ event }) => event === "server_stopped")?.cut_off);
      servers[index] = await stack.startServer({ env, port: Number(new URL(url).port) });
    }
    assert.deepEqual(await migrate(stack.databaseUrl), [], "harmless at any time, and there is nothing to do");
    for (const index of [0, 1]) {
      await workers[index]!.stop();
      ends.push(await workers[index]!.exited);
      workers[index] = await stack.startWorker();
    }
  } finally {
    stopping.abort();
    await traffic;
  }
  const { cycles, faults } = await learning;
  await balancer.close();
  operator.close();

  assert.deepEqual(
    ends.map((end) => (end as { code: number | null }).code),
    [0, 0, 0, 0],
    "each ended by itself",
  );
  assert.ok(balancer.notReady() > 0, "servers said that they were leaving");
  assert.deepEqual(cutOff, [0, 0], "nobody who was in was cut off");
  const errors = [...balancer.covered.keys()].filter((error) => error !== "ECONNREFUSED" && error !== "ECONNRESET");
  assert.deepEqual(errors, [], "all that the other server had to make good were connections that it closed while idle");
  const attempts = ledger.sent.flatMap((entry) => entry.attempts);
  const refused = attempts.filter(({ status }) => status === null || status >= 300);
  assert.deepEqual(
    refused.map(({ status, error, body }) => ({ status, error, body })),
    [],
  );
  assert.deepEqual(
    ledger.sent.filter(({ acknowledged }) => acknowledged === null),
    [],
  );
  assert.ok(ledger.sent.length > 100 && cycles.length > 0);
  assert.deepEqual((await prove(stack, TRAFFIC, ledger, before)).faults, []);
  assert.deepEqual(faults, []);
});

test("both servers lead a user to the same model, and both see a promotion within a second", async () => {
  const users = Array.from({ length: 30 }, (_, index) => `someone-${index}`);
  const met = new Set<string>();
  for (const user of users) {
    const [left, right] = await Promise.all(servers.map((server) => modelFor(server, user)));
    assert.equal(left, right, user);
    met.add(left!);
  }
  assert.equal(met.size, 2, "champion and challenger were met");

  const [experiment] = await stack.query("select id from experiment where loop = $1", [TRAFFIC]);
  await until(
    "a look",
    async () => (await stack.query("select 1 from look where experiment_id = $1", [experiment!.id])).length > 0,
  );
  await ask(servers[0]!, `/api/experiments/${experiment!.id}/approve`, { reason: "to see it served", override: true });
  const [champion] = await stack.query("select name from model where loop = $1 and role = 'champion'", [TRAFFIC]);
  await sleep(1_000);
  const role = { model: `${TRAFFIC}:champion`, messages: [{ role: "user", content: "turn off the lights" }] };
  for (const server of servers)
    assert.equal((await ask(server, "/v1/chat/completions", role)).headers["x-ratchet-model"], champion!.name);
});
