// One installation's life: first start, accidents of every kind, the next start, the end. Each test goes on from the last.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../embedded/until.ts";
import { children, clearAway, type Document, dataFolder, launch, remember, start } from "./running-start.ts";

const folder = dataFolder();
let running: Awaited<ReturnType<typeof start>>;
before(async () => {
  running = await start(folder);
});
after(async () => {
  running?.process.kill("SIGTERM");
  await running?.ended;
  await clearAway(folder);
});

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, which the tests judge field by field
async function ask(path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${running.document.api}${path}`, {
    headers: { authorization: `Bearer ${running.document.key}`, "content-type": "application/json" },
    signal: AbortSignal.timeout(20_000),
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const chat = () =>
  ask("/v1/chat/completions", {
    model: "demo",
    messages: [{ role: "user", content: "turn off the lights in the kitchen" }],
  });
const status = async () => (await ask("/api/loops/demo/status")).body;

async function untilReady(): Promise<void> {
  await until(
    "the API is ready again",
    () =>
      ask("/readyz").then(
        ({ body }) => body.status === "ready",
        () => false,
      ),
    60_000,
  );
}

/** A whole workflow, from the schedule to its rows: needs server, worker, Temporal and PostgreSQL. */
async function untilPulsed(): Promise<void> {
  const number = async () => (await status()).last_pulse?.number ?? 0;
  const before = await number();
  await until(
    "a pulse runs to its end",
    async () => {
      // A pulse that is under way when the next is asked for lets it out, so ask again.
      await ask("/api/loops/demo/pulse", { reason: "to see whether workflows run" }).catch(() => undefined);
      for (let turn = 0; turn < 20; turn += 1) {
        if ((await number().catch(() => 0)) > before) return true;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return false;
    },
    60_000,
  );
}

/** Kills one part and waits until another process has taken its place. */
async function killed(name: string): Promise<void> {
  const pid = children(folder)[name]!;
  process.kill(pid, "SIGKILL");
  await until(`${name} runs again`, () => ![undefined, pid].includes(children(folder)[name]), 30_000);
}

test("the first start serves a loop on the sandbox with the key that it prints, in one line of JSON", async () => {
  const { document } = running;
  assert.deepEqual(Object.keys(document).sort(), [
    "api",
    "dashboard",
    "database_url",
    "key",
    "pids",
    "sandbox",
    "temporal_address",
    "temporal_ui",
  ]);
  assert.equal(document.dashboard, `${document.api}/`);
  assert.deepEqual(Object.keys(document.pids), ["start", "postgres", "temporal", "sandbox", "worker", "server"]);
  assert.equal(document.pids.start, running.process.pid);
  assert.deepEqual((await ask("/readyz")).body, { status: "ready", missing: [] });

  const answer = await chat();
  assert.equal(answer.status, 200);
  assert.equal(JSON.parse(answer.body.choices[0].message.content).action, "lights");
  const { usage, champion, next_pulse } = await status();
  assert.equal(usage.total, 1);
  assert.equal(champion.name, "sandbox-base");
  assert.ok(new Date(next_pulse).getTime() > Date.now(), "the next pulse is planned");
  assert.equal((await fetch(document.temporal_ui!)).status, 200);
  assert.equal((await fetch(`${document.sandbox}/v1/models`)).status, 200);
  for (const file of ["connection.json", "secret"]) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
});

test("a second start on the same folder is refused and told who has it, and harms nothing", async () => {
  const second = await launch(["--port", "0", "--data", folder, "--json"]).ended;
  assert.equal(second.code, 1);
  assert.equal(second.stdout, "");
  assert.match(second.stderr, new RegExp(`already runs on ${folder}, as process ${running.process.pid}`));
  assert.equal((await chat()).status, 200);
});

test("a worker, a Temporal, a PostgreSQL and a server that are killed come back by themselves, and workflows run on", async () => {
  await untilPulsed();
  for (const name of ["worker", "temporal", "postgres", "server", "sandbox"]) {
    await killed(name);
    await untilReady();
    await until(`an answer after ${name} was killed`, async () => (await chat()).status === 200);
    await untilPulsed();
  }
});

test("after a kill -9 of the parent, the next start ends what is left and goes on with the same data and the same key", async () => {
  const { total } = (await status()).usage;
  const { number } = (await status()).last_pulse;
  const old = remember({ start: running.process.pid!, ...children(folder) });
  const { key } = running.document;
  running.process.kill("SIGKILL");
  await running.ended;

  running = await start(folder);
  assert.deepEqual(old(), []);
  assert.equal(running.document.key, key);
  const now = await status();
  assert.equal(now.usage.total, total);
  assert.equal(now.last_pulse.number, number);
  await untilPulsed();
});

test("after a kill -9 of everything at once, the next start goes on, too", async () => {
  const { total } = (await status()).usage;
  const pids = { start: running.process.pid!, ...children(folder) };
  const old = remember(pids);
  for (const pid of Object.values(pids)) process.kill(pid, "SIGKILL");
  await running.ended;
  running = await start(folder);
  assert.deepEqual(old(), []);
  assert.equal((await status()).usage.total, total);
  await untilPulsed();
});

test("SIGTERM ends every process that was started, and the exit code is 0", async () => {
  const all: Document["pids"] = { start: running.process.pid!, ...children(folder) };
  assert.deepEqual(all, running.document.pids);
  const left = remember(all);
  running.process.kill("SIGTERM");
  const { code, stdout } = await running.ended;
  assert.equal(code, 0);
  assert.equal(stdout.trimEnd().split("\n").length, 1, "one line of JSON and nothing else");
  assert.deepEqual(left(), []);
});
