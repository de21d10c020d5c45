// Starts a PostgreSQL 18 of our own on a data folder, for a machine where nobody has set one up.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { Fault } from "../domain/fault.ts";
import { type ChildExit, describeExit, type RunningChild, startChild } from "./child.ts";
import { databaseUser, type OsUser } from "./database-user.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { claimPort, portTaken } from "./port.ts";
import { type PostgresBinaries, postgresBinaries } from "./postgres-binaries.ts";
import {
  checkCluster,
  clusterOwner,
  DATABASE_NAME,
  databasePassword,
  existingCluster,
  makeCluster,
} from "./postgres-cluster.ts";
import { stopLeftoverPostgres } from "./postgres-leftover.ts";

export interface PostgresOptions {
  /** A folder for PostgreSQL alone; holds the password, and the files where its user can reach them. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly log: EmbeddedLog;
  /** False for throw-away databases of tests: faster, and lost when the machine stops. */
  readonly durable?: boolean;
  /** Where files may go that the database's user cannot reach in place; folders of our own under /var by default. */
  readonly reachablePlaces?: readonly string[];
  readonly onSpawned?: ((pid: number) => void) | undefined;
}

export interface RunningPostgres extends RunningChild {
  readonly port: number;
  /** Connects as the owner of the database `ratchet`; holds the password. */
  readonly url: string;
  /** As "18.4". */
  readonly version: string;
}

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "", // one way in, by password
  shared_buffers: "128MB",
  max_connections: "200",
  max_wal_size: "1GB",
  log_min_messages: "log", // statements' errors are the caller's business
  log_checkpoints: "off",
  timezone: "UTC",
  log_timezone: "UTC",
};
const NOT_DURABLE = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/**
 * Starts PostgreSQL and waits until the database `ratchet` answers. Files are made the first time; what an earlier start
 * left running on them is ended; recovery after a crash is waited for, and told of, as long as it takes.
 * Call it only while holding the claim on the folder above.
 * @throws Fault `conflict` for a taken port or files of another version, `unavailable` when it does not start
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { dataDir, log, durable = true, reachablePlaces } = options;
  const existing = existingCluster(dataDir);
  const user = await databaseUser(existing === null ? null : clusterOwner(existing), log);
  const binaries = await postgresBinaries(user, log, reachablePlaces);
  if (existing !== null) {
    checkCluster(existing, binaries, user);
    await stopLeftoverPostgres(existing, log);
  }
  const port = await claimPort(options.port, "PostgreSQL");
  const folder = existing ?? (await makeCluster({ dataDir, binaries, user, durable, log, places: reachablePlaces }));
  const password = databasePassword(dataDir);
  const server = { host: "127.0.0.1", port, user: DATABASE_NAME, password };
  const url = `postgres://${DATABASE_NAME}:${password}@127.0.0.1:${port}/${DATABASE_NAME}`;
  for (const began = Date.now(); ; await sleep(1_000)) {
    const child = await launch({ folder, port, binaries, user, durable, log, onSpawned: options.onSpawned });
    try {
      await untilReady(child, server, log);
      return { ...child, port, url, version: binaries.version };
    } catch (error) {
      await child.stop();
      if (!(await memoryInUse(child)) || Date.now() - began > ORPHANS_MS) throw error;
      log("info", "waiting for the last workers of a PostgreSQL that was killed");
    }
  }
}

// Where there is no /proc, a killed server's workers cannot be found; they end by themselves when they next look up.
const ORPHANS_MS = 60_000;

async function memoryInUse(child: RunningChild): Promise<boolean> {
  return (await child.exited).lastLines.some((line) => line.includes("pre-existing shared memory block"));
}

interface Launch {
  readonly folder: string;
  readonly port: number;
  readonly binaries: PostgresBinaries;
  readonly user: OsUser | null;
  readonly durable: boolean;
  readonly log: EmbeddedLog;
  readonly onSpawned: ((pid: number) => void) | undefined;
}

function launch({ folder, port, binaries, user, durable, log, onSpawned }: Launch): Promise<RunningChild> {
  const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE) };
  const args = ["-D", folder, "-p", String(port)];
  for (const [name, value] of Object.entries(settings)) args.push("-c", `${name}=${value}`);
  return startChild({
    name: "PostgreSQL",
    command: binaries.postgres,
    args,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    cwd: folder,
    ending: [
      { signal: "SIGINT", waitMs: 60_000 },
      { signal: "SIGQUIT", waitMs: 5_000 },
    ],
    onSpawned,
    onLine: (line) => log("debug", line),
    ...(user === null ? {} : { user }),
  });
}

async function untilReady(
  child: RunningChild,
  server: { host: string; port: number; user: string; password: string },
  log: EmbeddedLog,
): Promise<void> {
  const ended = child.exited.then((exit) => ({ exit }));
  const began = Date.now();
  let told = began;
  for (;;) {
    const outcome = await Promise.race([ended, prepareDatabase(server)]);
    if (outcome === "ready") return;
    if ("exit" in outcome) throw startFault(outcome.exit, server.port);
    if (outcome.code === "28P01") {
      throw new Fault("unavailable", "PostgreSQL refuses the password that the data folder holds", {
        hint: "bring back the file `password` that belongs to these data",
      });
    }
    if (outcome.code !== undefined && !WAITING.has(outcome.code)) throw outcome;
    if (Date.now() - told >= 2_000) {
      told = Date.now();
      log(
        "info",
        `PostgreSQL gets ready after a crash or a long pause (${Math.round((told - began) / 1000)} s): ${outcome.message}`,
      );
    }
    await Promise.race([ended, sleep(50)]);
  }
}

// Not listening yet; cut off; starting up, shutting down or recovering.
const WAITING = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "57P03", "57P01", "57P02"]);

type Attempt = "ready" | (Error & { code?: string });

async function prepareDatabase(server: pg.ClientConfig): Promise<Attempt> {
  const client = new pg.Client({ ...server, database: "postgres", connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined); // told by the query that fails
  try {
    await client.connect();
    const found = await client.query("select 1 from pg_database where datname = $1", [DATABASE_NAME]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
    return "ready";
  } catch (error) {
    return error as Error & { code?: string };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function startFault(exit: ChildExit, port: number): Fault {
  const said = exit.lastLines.join("\n");
  if (/could not bind|Address already in use/.test(said)) return portTaken(port, "PostgreSQL");
  if (/database files are incompatible/.test(said)) {
    return new Fault("conflict", `these database files belong to another build of PostgreSQL: ${said}`, {
      hint: "start the release of Ratchet that made them, or move the folder away to begin anew",
    });
  }
  return new Fault("unavailable", describeExit("PostgreSQL", exit), {
    hint: "what it said names the cause; DATABASE_URL takes a server of your own",
  });
}
