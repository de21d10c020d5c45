// Remembers which processes belong to a data folder, so that a start after a kill -9 finds and ends what was left running.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { tryLock } from "./lock.ts";
import {
  commandLine,
  type EndingStep,
  endProcess,
  identify,
  isRunning,
  type ProcessIdentity,
} from "./process-identity.ts";

interface ChildRecord extends ProcessIdentity {
  readonly name: string;
  readonly command: string;
}

/** What this start holds of a data folder. */
export interface PidFile {
  /** Writes a child down; call it right after the child has started. */
  record(name: string, pid: number): void;
  forget(pid: number): void;
  /** Lets the next one start on this folder. */
  release(): void;
}

const ENDING: readonly EndingStep[] = [
  // SIGINT is a fast, clean shutdown for PostgreSQL, where SIGTERM would wait for its clients to leave.
  { signal: "SIGINT", waitMs: 30_000 },
  { signal: "SIGTERM", waitMs: 5_000 },
  { signal: "SIGKILL", waitMs: 5_000 },
];

/**
 * Claims a data folder for this process, for as long as it lives.
 * @throws Fault `conflict` that names the process which has it already, `unavailable` when the folder cannot be written
 */
export function claimDataFolder(dataDir: string): PidFile {
  const lock = lockOf(dataDir);
  if ("holder" in lock) {
    throw new Fault("conflict", `Ratchet already runs on ${dataDir}, as process ${lock.holder.pid}`, {
      hint: `stop it (kill ${lock.holder.pid}), or choose another folder with --data DIR`,
      details: { pid: lock.holder.pid },
    });
  }
  return {
    record(name, pid) {
      const identity = identify(pid);
      if (identity === null) return;
      const others = readRecords(dataDir).filter((child) => child.pid !== pid);
      writeRecords(dataDir, [...others, { name, ...identity, command: commandLine(pid) }]);
    },
    forget(pid) {
      writeRecords(
        dataDir,
        readRecords(dataDir).filter((child) => child.pid !== pid),
      );
    },
    release: () => lock.release(),
  };
}

function lockOf(dataDir: string): ReturnType<typeof tryLock> {
  try {
    mkdirSync(dataDir, { recursive: true });
    return tryLock(join(dataDir, "lock"));
  } catch (cause) {
    throw new Fault("unavailable", `the data folder ${dataDir} cannot be used: ${(cause as Error).message}`, {
      hint: "choose a folder that you may write to, with --data DIR",
      cause,
    });
  }
}

/**
 * Ends the children of an earlier start on this folder that still run. Call it while holding the claim.
 * A process counts as ours only when its start time is the recorded one.
 * @returns the names of those that were ended
 */
export async function stopLeftovers(dataDir: string, log: EmbeddedLog): Promise<string[]> {
  const leftovers = readRecords(dataDir).filter(isRunning);
  for (const child of leftovers) {
    log("info", `ending ${child.name}, process ${child.pid}, left behind by an earlier start`);
  }
  await Promise.all(leftovers.map((child) => endProcess(child, ENDING)));
  writeRecords(dataDir, []);
  return leftovers.map((child) => child.name);
}

function readRecords(dataDir: string): ChildRecord[] {
  try {
    const { children } = JSON.parse(readFileSync(join(dataDir, "pids.json"), "utf8")) as { children?: unknown };
    return Array.isArray(children) ? children.filter(isRecord) : [];
  } catch {
    return []; // missing, or cut short by a full disk: then there is nothing that we could safely end
  }
}

function isRecord(value: Partial<ChildRecord> | null): value is ChildRecord {
  return typeof value?.pid === "number" && typeof value.startTime === "string" && typeof value.name === "string";
}

function writeRecords(dataDir: string, children: readonly ChildRecord[]): void {
  const path = join(dataDir, "pids.json");
  if (children.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify({ children }, null, 2)}\n`);
  renameSync(draft, path);
}
