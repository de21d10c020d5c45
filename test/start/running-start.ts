// Runs `npm start`'s program as a person or a machine would, on a folder of its own, and lets nothing outlive the test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stopLeftovers } from "../../src/embedded/pid-file.ts";
import { removePostgresData } from "../../src/embedded/postgres-cluster.ts";
import { identify, isRunning, type ProcessIdentity } from "../../src/embedded/process-identity.ts";
import { watchdog } from "../support/watchdog.ts";

const program = fileURLToPath(new URL("../../src/start.ts", import.meta.url));

export interface Document {
  api: string;
  dashboard: string;
  temporal_ui: string | null;
  temporal_address: string;
  database_url: string;
  sandbox: string | null;
  key: string;
  pids: Record<string, number>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the environment that could point at somebody's real servers. */
function cleanEnvironment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DATABASE_URL|TEMPORAL_|OPENAI_|RATCHET_|NODE_TEST_CONTEXT)/.test(name),
  );
  const { RATCHET_TEMPORAL_BINARY } = process.env;
  return { ...Object.fromEntries(kept), ...(RATCHET_TEMPORAL_BINARY ? { RATCHET_TEMPORAL_BINARY } : {}), ...extra };
}

/** A folder that the database's user can enter, too. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ratchet-start-"));
  chmodSync(folder, 0o755);
  return folder;
}

/** Ends what may be left on a folder, and removes it. */
export async function clearAway(folder: string): Promise<void> {
  await stopLeftovers(folder, () => undefined);
  removePostgresData(join(folder, "postgres"));
  removePostgresData(folder);
}

/** A start that ends when this process does, even by kill -9, through the channel. */
export function launch(
  args: readonly string[],
  extra: NodeJS.ProcessEnv = {},
): { process: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...args], {
    env: cleanEnvironment(extra),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout!.on("data", (chunk: Buffer) => (said.stdout += chunk));
  child.stderr!.on("data", (chunk: Buffer) => (said.stderr += chunk));
  const ended = once(child, "exit").then(async ([code]) => {
    await sleep(100); // what the pipes still hold
    return { code: code as number | null, ...said };
  });
  return { process: child, ended };
}

/** Starts everything on free ports and waits until it says that it is ready. */
export async function start(folder: string, extra: NodeJS.ProcessEnv = {}) {
  const { process: child, ended } = launch(["--port", "0", "--data", folder, "--json"], extra);
  ended.then(watchdog(child.pid!, [folder]));
  const line = createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next() as Promise<{ value: string }>;
  const first = await Promise.race([line, ended]);
  if ("code" in first) throw new Error(`it ended with code ${first.code}: ${first.stderr}`);
  return { document: JSON.parse(first.value) as Document, process: child, ended };
}

/** Everything that this start runs now, by name. */
export function children(folder: string): Record<string, number> {
  const { children: list } = JSON.parse(readFileSync(join(folder, "pids.json"), "utf8")) as {
    children: { name: string; pid: number }[];
  };
  return Object.fromEntries(list.map(({ name, pid }) => [name, pid]));
}

/** Remembers processes beyond their numbers; the function says which of them still run. */
export function remember(pids: Readonly<Record<string, number>>): () => string[] {
  const known = Object.entries(pids).map(([name, pid]) => [name, identify(pid)] as const);
  const missing = known.filter(([, identity]) => identity === null).map(([name]) => name);
  if (missing.length > 0) throw new Error(`not running: ${missing.join(", ")}`);
  return () => known.filter(([, identity]) => isRunning(identity as ProcessIdentity)).map(([name]) => name);
}
