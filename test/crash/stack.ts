// A whole Ratchet in real processes, each of which can be killed and started again: PostgreSQL and Temporal with their data on
// disk, the sandbox, and as many workers and servers as a test wants. All on free ports of 127.0.0.1; nothing is left behind.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { migrate } from "../../src/db/migrate.ts";
import type { RunningChild } from "../../src/embedded/child.ts";
import { firstKey } from "../../src/embedded/first-start.ts";
import { startNodeChild } from "../../src/embedded/node-child.ts";
import { freePort } from "../../src/embedded/port.ts";
import { startPostgres } from "../../src/embedded/postgres.ts";
import { removePostgresData } from "../../src/embedded/postgres-cluster.ts";
import { startTemporal } from "../../src/embedded/temporal.ts";
import { temporalBinary } from "../../src/embedded/temporal-binary.ts";
import { watchdog } from "../support/watchdog.ts";
import { type Line, openLine } from "./line.ts";

/** PostgreSQL, Temporal or the sandbox: always at the same address, whether it runs or not. */
export interface Server {
  readonly name: string;
  readonly pid: number;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
  /** On the same data and port; waits until it answers. */
  start(): Promise<void>;
}

/** A worker or an API server. Killed, it is gone for good: start another. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Of an API server, as "http://127.0.0.1:4400"; "" for a worker. */
  readonly url: string;
  /** Its ways out, where it was started with lines. */
  readonly lines: Readonly<Record<"database" | "temporal" | "trainer", Line>> | null;
  readonly exited: Promise<unknown>;
  /** What it said last, oldest first. */
  lastLines(): readonly string[];
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for its own end. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Reach PostgreSQL, Temporal and the sandbox by lines of its own, which can be cut. */
  readonly lines?: boolean;
  /** Of an API server; a free one when left out. */
  readonly port?: number;
}

export interface Stack {
  readonly folder: string;
  readonly postgres: Server;
  readonly temporal: Server;
  readonly sandbox: Server;
  readonly databaseUrl: string;
  /** As "127.0.0.1:7233". */
  readonly temporalAddress: string;
  /** As "http://127.0.0.1:4401". */
  readonly sandboxUrl: string;
  /** What units are hashed with. */
  readonly secret: string;
  /** A key for every loop, with every scope. */
  readonly key: string;
  readonly db: Database;
  /** SQL as the superuser, past row-level security. Waits for a PostgreSQL that is being started again. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  startWorker(options?: ProgramOptions): Promise<Program>;
  startServer(options?: ProgramOptions): Promise<Program>;
  /** Ends all of it, and removes its folder. */
  close(): Promise<void>;
}

const SECRET = "a secret for tests only";
const KEPT_LINES = 300;
/** How long a query waits for PostgreSQL to come back. */
const PATIENCE = 60_000;

/** Starts the servers; workers and API servers are the caller's to start. `jobMs`: how long a training job takes. */
export async function openStack({ jobMs = 1_000, durable = true } = {}): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), "ratchet-stack-"));
  chmodSync(folder, 0o755); // the database's user must get in
  const programs: Program[] = [];
  const servers: (Server & { end(): Promise<void> })[] = [];
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(programs.map((program) => program.kill()));
    for (const end of closers.reverse()) await end();
    for (const server of servers.toReversed()) await server.end();
    removePostgresData(join(folder, "postgres"));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const log = () => {};
    const dataDir = join(folder, "postgres");
    mkdirSync(dataDir, { mode: 0o755 });
    const [postgresPort, temporalPort, uiPort, sandboxPort] = await freePorts(4);
    let databaseUrl = "";
    const postgres = await openServer("PostgreSQL", [folder], async () => {
      const running = await startPostgres({ dataDir, port: postgresPort!, durable, log });
      databaseUrl = running.url;
      const location = join(dataDir, "location");
      return { child: running, folders: existsSync(location) ? [readFileSync(location, "utf8").trim()] : [] };
    });
    servers.push(postgres);
    const given = process.env.RATCHET_TEMPORAL_BINARY ?? null;
    const binary = await temporalBinary({ given, environment: process.env, log });
    const temporal = await openServer("Temporal", [folder], async () => ({
      child: await startTemporal({
        binary,
        dataDir: join(folder, "temporal"),
        port: temporalPort!,
        uiPort: uiPort!,
        namespace: "default",
        log,
      }),
      folders: [],
    }));
    servers.push(temporal);
    const sandbox = await openServer("the sandbox", [], async () => ({
      child: await startNodeChild({
        name: "the sandbox",
        script: new URL("../../src/sandbox/main.ts", import.meta.url),
        args: ["--port", String(sandboxPort), "--data", join(folder, "sandbox"), "--job-ms", String(jobMs)],
        env: { PATH: process.env.PATH },
        onLine: log,
      }),
      folders: [],
    }));
    servers.push(sandbox);
    await migrate(databaseUrl);
    const db = openDatabase(databaseUrl, { max: 4 });
    closers.push(() => db.close());
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 });
    pool.on("error", () => {}); // PostgreSQL is killed here
    closers.push(() => pool.end());
    const { text: key } = await firstKey(db, null, () => {}, new Date());

    const ports = { database: postgresPort!, temporal: temporalPort!, trainer: sandboxPort! };
    const program = async (name: "worker" | "server", options: ProgramOptions): Promise<Program> => {
      const lines = options.lines === true ? await openLines(ports) : null;
      const portOf = (target: keyof typeof ports) => String(lines?.[target].port ?? ports[target]);
      const database = new URL(databaseUrl);
      database.port = portOf("database");
      const lastLines: string[] = [];
      const child = await startNodeChild({
        name: `the ${name}`,
        script: new URL(`../../src/${name}.ts`, import.meta.url),
        env: {
          PATH: process.env.PATH,
          DATABASE_URL: database.href,
          TEMPORAL_ADDRESS: `127.0.0.1:${portOf("temporal")}`,
          RATCHET_SANDBOX_URL: `http://127.0.0.1:${portOf("trainer")}/v1`,
          RATCHET_ARTIFACTS: join(folder, "artifacts"),
          RATCHET_SECRET: SECRET,
          RATCHET_PORT: String(options.port ?? 0),
          RATCHET_LOG: "info",
          ...options.env,
        },
        onLine(line) {
          lastLines.push(line);
          if (lastLines.length > KEPT_LINES) lastLines.shift();
        },
      });
      const started: Program = {
        name,
        pid: child.pid,
        url: name === "server" ? `http://127.0.0.1:${child.facts.port}` : "",
        lines,
        exited: child.exited,
        lastLines: () => lastLines,
        async kill() {
          killNow(child.pid);
          await child.exited;
          if (lines !== null) for (const line of Object.values(lines)) await line.close();
        },
        stop: () => child.stop(),
      };
      programs.push(started);
      void child.exited.then(() => programs.splice(programs.indexOf(started), 1));
      return started;
    };
    return {
      folder,
      postgres,
      temporal,
      sandbox,
      databaseUrl,
      temporalAddress: `127.0.0.1:${temporalPort}`,
      sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
      secret: SECRET,
      key,
      db,
      query: (text, values = []) => patiently(async () => (await pool.query(text, values)).rows),
      startWorker: (options = {}) => program("worker", options),
      startServer: (options = {}) => program("server", options),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openServer(
  name: string,
  folders: readonly string[],
  launch: () => Promise<{ child: RunningChild; folders: readonly string[] }>,
): Promise<Server & { end(): Promise<void> }> {
  let child: RunningChild | null = null;
  let callOff = () => {};
  const server = {
    name,
    get pid() {
      return child!.pid;
    },
    async start() {
      const launched = await launch();
      callOff();
      child = launched.child;
      callOff = watchdog(child.pid, [...folders, ...launched.folders]);
    },
    async kill() {
      killNow(child!.pid);
      await child!.exited;
    },
    async end() {
      await child!.stop();
      callOff();
    },
  };
  await server.start();
  return server;
}

async function openLines(ports: { database: number; temporal: number; trainer: number }) {
  const [database, temporal, trainer] = [ports.database, ports.temporal, ports.trainer].map(openLine);
  return { database: await database!, temporal: await temporal!, trainer: await trainer! };
}

/** Distinct ones: two that are asked for one after the other may be the same. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // gone already
  }
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isDown(error) || Date.now() > end) throw error;
      await sleep(50);
    }
  }
}

/** Whether an error says that PostgreSQL is down, going down or coming up. */
function isDown(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return /^(ECONN|EPIPE|57P0|08)/.test(code) || /Connection terminated|connection timeout/i.test(message);
}
