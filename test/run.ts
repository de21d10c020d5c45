// `npm test`: types, lint, then every test file, on servers that are started once. `npm test -- PATH…` runs only those files.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Fault } from "../src/domain/fault.ts";
import { temporalBinary } from "../src/embedded/temporal-binary.ts";
import { timeSkippingServer } from "../src/embedded/time-skipping-server.ts";
import { chooseFiles, type TestFile } from "./runner/choose-files.ts";
import { isGood, type Outcome, outcomeLines, summaryLines } from "./runner/report.ts";
import { runCheck } from "./runner/run-check.ts";
import { runFile } from "./runner/run-file.ts";
import { startTestServers } from "./support/test-servers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const ORDINARY_AT_ONCE = 2;
const stopped = new AbortController();
const outcomes: Outcome[] = [];
const cleanUp: (() => Promise<void>)[] = [];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopped.signal.aborted) return;
    say(`${signal}: ending what runs`);
    stopped.abort();
  });
}

try {
  await runEverything(process.argv.slice(2));
} catch (error) {
  if (!stopped.signal.aborted)
    told(broken("the run", error instanceof Fault ? error.message : ((error as Error).stack ?? String(error))));
} finally {
  for (const end of cleanUp) await end();
}
if (stopped.signal.aborted) told(broken("the run", "it was ended before it was through"));
for (const line of summaryLines(outcomes)) say(line);
process.exit(isGood(outcomes) ? 0 : 1);

async function runEverything(chosen: readonly string[]): Promise<void> {
  const files = chooseFiles(root, chosen);
  if (chosen.length === 0) {
    const bin = (name: string) => join(root, "node_modules", ".bin", name);
    told(await runCheck(root, "types", [bin("tsc"), "--noEmit"], stopped.signal));
    told(await runCheck(root, "lint", [bin("biome"), "check", "."], stopped.signal));
  }
  await prepareServers(files);
  await runFiles(
    files.filter(({ serial }) => !serial),
    ORDINARY_AT_ONCE,
  );
  await runFiles(
    files.filter(({ serial }) => serial),
    1,
  );
}

// A clean machine builds the Temporal server first, so what happens is said as it happens.
async function prepareServers(files: readonly TestFile[]): Promise<void> {
  const needed = new Set(files.map(({ level }) => level));
  const log = (level: string, message: string) => {
    if (level !== "debug") say(`  ${message}`);
  };
  if (needed.has("servers")) {
    const given = process.env.RATCHET_TEMPORAL_BINARY ?? null;
    await step("Temporal dev server", async () => {
      const binary = await unlessStopped(temporalBinary({ given, environment: process.env, log }));
      process.env.RATCHET_TEMPORAL_BINARY = binary;
    });
    await step("Temporal time-skipping server", () => unlessStopped(timeSkippingServer(process.env, log)));
  }
  if ((needed.has("servers") || needed.has("database")) && !process.env.RATCHET_TEST_DATABASE_URL) {
    await step("PostgreSQL for the run", async () => {
      const servers = await startTestServers();
      cleanUp.push(servers.stop);
      process.env.RATCHET_TEST_DATABASE_URL = servers.databaseUrl;
    });
  }
}

// Without a server its own tests fail and say so; the others still run.
async function step(name: string, work: () => Promise<unknown>): Promise<void> {
  if (stopped.signal.aborted) return;
  const began = Date.now();
  try {
    await work();
    say(`• ${name} is there (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    told(broken(name, hint === undefined ? message : `${message}\n${hint}`));
  }
}

function unlessStopped<T>(work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    stopped.signal.addEventListener("abort", () => reject(new Error("ended")), { once: true });
  });
  return Promise.race([work, aborted]);
}

async function runFiles(files: readonly TestFile[], atOnce: number): Promise<void> {
  const waiting = [...files];
  const take = async () => {
    for (let next = waiting.shift(); next !== undefined && !stopped.signal.aborted; next = waiting.shift()) {
      told(await runFile(root, next.path, stopped.signal));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
}

function broken(name: string, details: string): Outcome {
  return { name, passed: 0, failed: 1, skipped: 0, seconds: 0, failures: [{ name, place: name, details }], output: "" };
}

function told(outcome: Outcome): void {
  outcomes.push(outcome);
  for (const line of outcomeLines(outcome)) say(line);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
