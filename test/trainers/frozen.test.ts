// A process that is stopped while it looks for the files, and goes on when its time is up, as a machine that was paused: what
// it waited for has come meanwhile, and it hears of that before its timers fire.
import assert from "node:assert/strict";
import { execFile, fork } from "node:child_process";
import { on, once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createProviders } from "../../src/providers/providers.ts";
import { openaiWire } from "../../src/trainers/openai-wire.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import { until } from "../workflows/loop-life.ts";
import { orderOf } from "./training-order.ts";

const KEY = "frozen/train";
/** Enough for a process to ask for the files. */
const WITHIN = 5_000;

test("a process that was frozen until its time was up submits nothing, though its answer was there when it woke", async () => {
  await using opened = await openSandbox();
  const { baseURL } = opened.sandbox;
  const trainer = openaiWire(createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL } }));
  const order = orderOf(KEY);
  const signal = new AbortController().signal;
  await trainer.prepare(order, signal);
  await using line = await openHeldLine(opened.sandbox.url);

  const child = fork(new URL("./programs/submit-once.ts", import.meta.url), [line.baseURL, KEY, String(WITHIN)]);
  const said = on(child, "message");
  try {
    const { notAfter } = await next<{ notAfter: number }>(said);
    await line.asked;
    child.send("stop");
    await until("the process stands still", async () => (await stateOf(child.pid!)).startsWith("T"));
    const job = await trainer.submit(order, { signal, notAfter: Number.POSITIVE_INFINITY }); // by another worker
    while (Date.now() <= notAfter) await sleep(notAfter - Date.now() + 1);
    await line.answer();
    child.kill("SIGCONT");
    const found = { end: await next(said), jobs: await trainer.find(order, signal) };
    const sent = (await opened.stats()).requests["jobs.create"];
    const end = { kind: "unsent", message: "it took too long to look for the files" };
    assert.deepEqual({ ...found, sent }, { end, jobs: [job], sent: 1 });
  } finally {
    child.kill("SIGKILL");
  }
});

const stateOf = async (pid: number) =>
  (await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)])).stdout.trim();

async function next<Message>(said: AsyncIterator<unknown[]>): Promise<Message> {
  return (await said.next()).value[0] as Message;
}

/** A line to a sandbox on which the first list of files is held back until it is let through. */
async function openHeldLine(sandboxUrl: string) {
  const asked = Promise.withResolvers<ServerResponse>();
  let held = false;
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith("/v1/files") && !held) {
      held = true;
      return asked.resolve(response);
    }
    const body = await buffer(request);
    const { method = "GET" } = request;
    const sent = method === "GET" ? {} : { body, headers: { "content-type": "application/json" } };
    const answer = await fetch(`${sandboxUrl}${request.url}`, { method, ...sent });
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: asked.promise.then(() => undefined),
    /** Answers what is held; resolves when the answer has been handed over. */
    async answer() {
      const response = await asked.promise;
      const answer = await fetch(`${sandboxUrl}/v1/files?purpose=fine-tune`);
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
      await once(response, "finish");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
