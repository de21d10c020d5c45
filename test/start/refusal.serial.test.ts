// What a start says when it cannot go on, and that it leaves nothing behind.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { until } from "../embedded/until.ts";
import { children, clearAway, dataFolder, launch, remember } from "./running-start.ts";

const folder = dataFolder();
after(() => clearAway(folder));

test("an unknown flag is wrong usage, and the message names the known ones", async () => {
  const { code, stdout, stderr } = await launch(["--prot", "0", "--data", folder]).ended;
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /unknown flag --prot: did you mean --port\?\n.*--data, --port, --json, --help/);
});

test("a variable of the environment that cannot be is named", async () => {
  const { code, stderr } = await launch(["--data", folder], { TEMPORAL_ADDRESS: "somewhere" }).ended;
  assert.equal(code, 2);
  assert.match(stderr, /TEMPORAL_ADDRESS must be "host:port"/);
});

test("a data folder that cannot be one is named, with what to do", async () => {
  const { code, stderr } = await launch(["--data", "/dev/null"]).ended;
  assert.equal(code, 1);
  assert.match(stderr, /the data folder \/dev\/null cannot be used: .*\n.*--data DIR/);
});

test("--help explains the flags and starts nothing", async () => {
  const { code, stdout } = await launch(["--help"]).ended;
  assert.equal(code, 0);
  for (const flag of ["--data", "--port", "--json"]) assert.ok(stdout.includes(flag), flag);
});

test("a taken port is named, with what to do", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const { port } = holder.address() as { port: number };
  try {
    const { code, stdout, stderr } = await launch(["--port", String(port), "--data", folder]).ended;
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, new RegExp(`port ${port} on 127.0.0.1, wanted by the API, is taken`));
    assert.match(stderr, /choose another with --port/);
  } finally {
    holder.close();
  }
});

test("a start that fails half-way ends what it has started already", async () => {
  const failing = launch(["--port", "0", "--data", folder], { RATCHET_TEMPORAL_BINARY: "/nowhere/temporal" });
  await until("PostgreSQL runs", () => existsSync(join(folder, "pids.json")));
  const left = remember(children(folder));
  const { code, stderr } = await failing.ended;
  assert.equal(code, 1);
  assert.match(stderr, /there is no program at \/nowhere\/temporal/);
  assert.deepEqual(left(), []);
  assert.ok(!existsSync(join(folder, "lock")), "the folder is free again");
});

test("SIGTERM in the middle of a start ends it at once, cleanly", async () => {
  const starting = launch(["--port", "0", "--data", folder]);
  await until(
    "the worker is being started",
    () => existsSync(join(folder, "pids.json")) && "worker" in children(folder),
    60_000,
  );
  const left = remember(children(folder));
  const began = Date.now();
  starting.process.kill("SIGTERM");
  const { code, stderr } = await starting.ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(left(), []);
  assert.ok(Date.now() - began < 20_000, "without waiting for the worker to be ready");
});

test("a database of one's own needs a secret of one's own", async () => {
  const { code, stderr } = await launch(["--port", "0", "--data", folder], {
    DATABASE_URL: "postgres://127.0.0.1:1/none",
  }).ended;
  assert.equal(code, 2);
  assert.match(stderr, /RATCHET_SECRET is not set/);
});
