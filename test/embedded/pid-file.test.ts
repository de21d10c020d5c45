import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fault } from "../../src/domain/fault.ts";
import { claimDataFolder, stopLeftovers } from "../../src/embedded/pid-file.ts";
import { identify, isRunning } from "../../src/embedded/process-identity.ts";
import { until } from "./until.ts";

const folder = mkdtempSync(join(tmpdir(), "ratchet-pids-"));
after(() => rmSync(folder, { recursive: true }));

/** Another program that claims the folder and starts a long sleep there. */
async function claimElsewhere(dataDir: string): Promise<{ claimer: ChildProcess; sleeper: number }> {
  const program = fileURLToPath(new URL("./programs/claim.ts", import.meta.url));
  const claimer = spawn(process.execPath, [program, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = (await once(claimer.stdout!, "data")) as [Buffer];
  return { claimer, sleeper: Number(chunk.toString()) };
}

test("a second start on a folder is refused and told who has it; after a kill -9 of the first it ends what is left", async () => {
  const dataDir = join(folder, "two-starts");
  const { claimer, sleeper } = await claimElsewhere(dataDir);
  const left = identify(sleeper);
  assert.ok(left !== null);
  assert.throws(
    () => claimDataFolder(dataDir),
    (error) => error instanceof Fault && error.code === "conflict" && error.message.includes(`process ${claimer.pid}`),
  );
  claimer.kill("SIGKILL");
  await once(claimer, "exit");
  assert.ok(isRunning(left), "the child outlives its parent");

  const claim = claimDataFolder(dataDir);
  const said: string[] = [];
  assert.deepEqual(await stopLeftovers(dataDir, (_level, message) => said.push(message)), ["sleeper"]);
  assert.ok(!isRunning(left));
  assert.equal(said.length, 1);
  assert.match(said[0]!, new RegExp(`sleeper, process ${sleeper}`));
  assert.deepEqual(await stopLeftovers(dataDir, () => assert.fail("nothing is left to tell of")), []);
  claim.release();
});

test("a recorded number that belongs to another process by now is left alone", async () => {
  const dataDir = join(folder, "reused");
  const stranger = spawn("sleep", ["300"], { stdio: "ignore" });
  await once(stranger, "spawn");
  try {
    const claim = claimDataFolder(dataDir);
    const record = { name: "worker", pid: stranger.pid, startTime: "long ago", command: "node" };
    writeFileSync(join(dataDir, "pids.json"), JSON.stringify({ children: [record] }));
    assert.deepEqual(await stopLeftovers(dataDir, () => undefined), []);
    assert.ok(identify(stranger.pid!) !== null, "it still runs");
    claim.release();
  } finally {
    stranger.kill("SIGKILL");
  }
});

test("children are recorded with name and command, and forgotten when they end", async () => {
  const dataDir = join(folder, "records");
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  await once(child, "spawn");
  const claim = claimDataFolder(dataDir);
  claim.record("worker", child.pid!);
  const { children } = JSON.parse(readFileSync(join(dataDir, "pids.json"), "utf8"));
  assert.deepEqual(children, [{ name: "worker", ...identify(child.pid!), command: "sleep 300" }]);
  child.kill("SIGKILL");
  claim.forget(child.pid!);
  assert.ok(!existsSync(join(dataDir, "pids.json")));
  claim.release();
});

test("a process that has ended but was not fetched by its parent counts as gone", async () => {
  // The shell replaces itself by a sleep that never asks for its children.
  const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 300"], { stdio: ["ignore", "pipe", "ignore"] });
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  const zombie = Number(chunk.toString());
  try {
    await until("the child becomes a zombie", () => identify(zombie) === null);
    assert.ok(existsSync(`/proc/${zombie}`) || !existsSync("/proc"), "it is still listed");
  } finally {
    parent.kill("SIGKILL");
  }
});
