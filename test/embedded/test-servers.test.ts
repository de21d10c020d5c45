import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startTestServers } from "../support/test-servers.ts";
import { until } from "./until.ts";

const program = fileURLToPath(new URL("./programs/test-database.ts", import.meta.url));

function run(argument: string, url?: string) {
  const env = { ...process.env, RATCHET_TEST_DATABASE_URL: url };
  const ran = spawnSync(process.execPath, [program, argument], { env, encoding: "utf8", timeout: 60_000 });
  return {
    status: ran.status,
    signal: ran.signal,
    ...(JSON.parse(ran.stdout) as { url: string; folder: string; fsync: string }),
  };
}

for (const ending of ["well", "crash"]) {
  test(`a file run by hand gets a database of its own, which is gone after it ${ending === "crash" ? "crashed" : "ended"}`, async () => {
    const { status, signal, folder, fsync } = run(ending);
    assert.deepEqual([status, signal], ending === "crash" ? [null, "SIGKILL"] : [0, null]);
    assert.equal(fsync, "off");
    await until("its files are removed", () => !existsSync(folder));
  });
}

test("files of one run share the run's database, which is gone after the run", async () => {
  const servers = await startTestServers();
  const [first, second] = [run("well", servers.databaseUrl), run("crash", servers.databaseUrl)];
  assert.equal(first.url, servers.databaseUrl);
  assert.equal(first.folder, second.folder);
  assert.ok(existsSync(first.folder));
  await servers.stop();
  assert.ok(!existsSync(first.folder));
});
