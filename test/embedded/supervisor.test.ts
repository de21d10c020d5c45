import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fault } from "../../src/domain/fault.ts";
import { type NodeChild, startNodeChild } from "../../src/embedded/node-child.ts";
import { identify, isRunning } from "../../src/embedded/process-identity.ts";
import { createSupervisor, type Start } from "../../src/embedded/supervisor.ts";
import { until } from "./until.ts";

const script = new URL("./programs/child.ts", import.meta.url);
const quiet = () => undefined;

function starting(name: string, args: readonly string[] = []): Start<NodeChild> {
  return (_previous, onSpawned) => startNodeChild({ name, script, args, env: process.env, onSpawned, onLine: quiet });
}

test("a child that is killed is started again, and stopping ends all in reverse order for good", async () => {
  const spawned: string[] = [];
  const ended: string[] = [];
  const supervisor = createSupervisor({
    log: quiet,
    onSpawned: (name, pid) => spawned.push(`${name} ${pid}`),
    onEnded: (name, pid) => ended.push(`${name} ${pid}`),
  });
  const server = await supervisor.keep("server", starting("server", ["good day"]));
  const worker = await supervisor.keep("worker", starting("worker"));
  assert.deepEqual(server().facts, { greeting: "good day" });
  const first = worker().pid;
  process.kill(first, "SIGKILL");
  await until("the worker runs again", () => worker().pid !== first);
  const second = worker().pid;
  assert.deepEqual(spawned, [`server ${server().pid}`, `worker ${first}`, `worker ${second}`]);

  const left = [server().pid, second].map((pid) => identify(pid)!);
  await supervisor.stop();
  assert.deepEqual(left.map(isRunning), [false, false]);
  assert.deepEqual(ended, [`worker ${first}`, `worker ${second}`, `server ${server().pid}`]);
  assert.equal(spawned.length, 3);
});

test("a child that keeps dying is given up with a message that says so", async () => {
  const supervisor = createSupervisor({ log: quiet });
  let starts = 0;
  // Lives at first, and cannot be started again.
  const worker = await supervisor.keep("worker", (previous: NodeChild | undefined, onSpawned) => {
    starts += 1;
    return starting("worker", previous === undefined ? [] : ["die"])(previous, onSpawned);
  });
  process.kill(worker().pid, "SIGKILL");
  const fault = await supervisor.failed;
  assert.equal(fault.message, "worker died 6 times within a minute");
  assert.equal(starts, 6);
  await supervisor.stop();
});

test("a child that ends before it is ready is a fault with its last words", async () => {
  await assert.rejects(
    startNodeChild({ name: "worker", script, args: ["die"], env: process.env, onLine: quiet }),
    (error) =>
      error instanceof Fault &&
      error.code === "unavailable" &&
      /worker ended with code 3.*cannot go on: nothing to do/s.test(error.message),
  );
});

test("a program that is not there is a fault that names it", async () => {
  const missing = fileURLToPath(new URL("./programs/nowhere.ts", import.meta.url));
  await assert.rejects(
    startNodeChild({ name: "worker", script: missing, env: process.env, onLine: quiet }),
    (error) => error instanceof Fault && error.message.includes("nowhere.ts"),
  );
});

test("a child ends when its parent is killed with -9", async () => {
  const program = fileURLToPath(new URL("./programs/parent.ts", import.meta.url));
  const parent = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  const child = identify(Number(chunk.toString()));
  assert.ok(child !== null, "the child runs");
  parent.kill("SIGKILL");
  await until("the child ends", () => !isRunning(child));
});

test("stopping ends a child that is not ready yet, without waiting until it is", async () => {
  const pids: number[] = [];
  const supervisor = createSupervisor({ log: quiet, onSpawned: (_name, pid) => pids.push(pid) });
  const refused = assert.rejects(
    supervisor.keep("worker", starting("worker", ["never ready"])),
    /worker ended by SIGINT/,
  );
  await until("it is there", () => pids.length === 1);
  const child = identify(pids[0]!)!;
  await supervisor.stop();
  await refused;
  assert.ok(!isRunning(child));
});
