import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { Fault } from "../../src/domain/fault.ts";
import { type PostgresOptions, type RunningPostgres, startPostgres } from "../../src/embedded/postgres.ts";
import { existingCluster, removePostgresData } from "../../src/embedded/postgres-cluster.ts";
import { identify, isRunning } from "../../src/embedded/process-identity.ts";

const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "ratchet-postgres-"));
chmodSync(folder, 0o755);
const running = new Set<RunningPostgres>();
after(async () => {
  for (const postgres of running) await postgres.stop();
  rmSync(folder, { recursive: true });
});

async function start(dataDir: string, options: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, port: 0, log: () => undefined, ...options });
  running.add(postgres);
  return postgres;
}

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: query, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

test("what was committed is there after kill -9, of PostgreSQL and of its starter, on the same files", async () => {
  const dataDir = join(folder, "kept");
  const first = await start(dataDir);
  assert.match(String(await ask(first.url, "select version()")), /^PostgreSQL 18\./);
  assert.deepEqual(await ask(first.url, "select current_setting('listen_addresses'), current_setting('fsync')"), [
    "127.0.0.1",
    "on",
  ]);
  await ask(first.url, "create table rating as select 1 as value");
  process.kill(first.pid, "SIGKILL");
  assert.equal((await first.exited).signal, "SIGKILL");

  // The second is "forgotten", as by a parent that was killed: the third finds it on the files and ends it.
  const second = await start(dataDir, { port: first.port });
  await ask(second.url, "insert into rating values (2)");
  const forgotten = identify(second.pid)!;
  const said: string[] = [];
  const third = await start(dataDir, {
    port: first.port,
    log: (level, message) => level === "info" && said.push(message),
  });
  assert.ok(!isRunning(forgotten));
  assert.deepEqual(said, [`ending PostgreSQL, process ${second.pid}, left behind by an earlier start`]);
  assert.equal(third.url, first.url, "the password and the port stay");
  assert.deepEqual(await ask(third.url, "select value from rating order by value"), [1, 2]);

  await third.stop();
  assert.equal((await third.exited).code, 0);
  assert.equal(statSync(join(dataDir, "password")).mode & 0o777, 0o600);
});

test("a busy worker that outlives its killed PostgreSQL does not stand in the way", async () => {
  const dataDir = join(folder, "orphan");
  const first = await start(dataDir);
  const client = new pg.Client(first.url);
  client.on("error", () => undefined);
  await client.connect();
  // Counting without touching anything that would notice the end of its parent.
  client.query("do $$ begin perform count(*) from generate_series(1, 4000000000); end $$").catch(() => undefined);
  await ask(first.url, "select 1");
  process.kill(first.pid, "SIGKILL");
  await first.exited;
  const second = await start(dataDir, { port: first.port });
  assert.deepEqual(await ask(second.url, "select 1"), [1]);
  await second.stop();
});

test("a pid file whose number belongs to another process harms neither it nor the start", async () => {
  const dataDir = join(folder, "stale");
  const first = await start(dataDir, { durable: false });
  assert.deepEqual(await ask(first.url, "select current_setting('fsync')"), ["off"]);
  await first.stop();
  writeFileSync(join(existingCluster(dataDir)!, "postmaster.pid"), `${process.pid}\n`);
  const second = await start(dataDir, { durable: false });
  assert.deepEqual(await ask(second.url, "select 1"), [1]);
  await second.stop();
});

test("a taken port is a fault that names it, and makes no files", async () => {
  const holder = createServer();
  const port = await new Promise<number>((resolve) => {
    holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
  });
  try {
    const dataDir = join(folder, "taken");
    await assert.rejects(
      start(dataDir, { port }),
      (error) => error instanceof Fault && error.code === "conflict" && error.message.includes(`port ${port}`),
    );
    assert.ok(!existsSync(dataDir));
  } finally {
    holder.close();
  }
});

test("files of another major version are a fault that names both versions and leaves them alone", async () => {
  const cluster = join(folder, "older", "cluster");
  mkdirSync(cluster, { recursive: true });
  writeFileSync(join(cluster, "PG_VERSION"), "17\n");
  await assert.rejects(
    start(join(folder, "older")),
    (error) => error instanceof Fault && /made by PostgreSQL 17, and this is 18\.\d/.test(error.message),
  );
  assert.equal(readFileSync(join(cluster, "PG_VERSION"), "utf8"), "17\n");
});

test("as root, below a closed folder, the files go where the database's user can reach them, and are found again", {
  skip: !isRoot && "needs root",
}, async () => {
  const closed = join(folder, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0o700);
  const dataDir = join(closed, "postgres");
  const place = join(folder, "place");
  const first = await start(dataDir, { durable: false, reachablePlaces: [place] });
  assert.ok(existingCluster(dataDir)!.startsWith(`${place}/database-`));
  await ask(first.url, "create table rating as select 1 as value");
  await first.stop();
  const second = await start(dataDir, { durable: false, reachablePlaces: [place] });
  assert.deepEqual(await ask(second.url, "select value from rating"), [1]);
  await second.stop();

  const cluster = existingCluster(dataDir)!;
  removePostgresData(dataDir);
  assert.ok(!existsSync(cluster) && !existsSync(dataDir));
});

test("a database that is gone from where it was put is a fault, not a new empty one", async () => {
  const dataDir = join(folder, "lost");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "location"), join(folder, "nowhere"));
  await assert.rejects(
    start(dataDir),
    (error) => error instanceof Fault && error.message.includes("nowhere") && error.hint !== undefined,
  );
});
