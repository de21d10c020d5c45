// A lock in the file system that dies with its holder: it names a process, and counts only while that process runs.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isRunning, type ProcessIdentity } from "./process-identity.ts";

/** A lock that this process holds. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock at `path` for this process, or says who has it. A lock left behind by a dead process is taken over.
 * @throws Error when the folder cannot be written
 */
export function tryLock(path: string): Lock | { readonly holder: ProcessIdentity } {
  const own = identify(process.pid);
  if (own === null) throw new Error("this process cannot find itself in the list of processes");
  const text = JSON.stringify(own);
  // Written aside and linked, so that nobody ever reads half of it and only one can win.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    for (;;) {
      if (linked(draft, path)) return { release: () => releaseOwn(path, text) };
      const found = readOrNull(path);
      if (found === null) continue;
      const holder = parseHolder(found);
      if (holder !== null && isRunning(holder)) return { holder };
      removeStale(path, found);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Runs `work` while holding the lock at `path`, waiting for others; `onWait` hears once a wait whom we wait for. */
export async function withLock<T>(
  path: string,
  onWait: (holder: ProcessIdentity) => void,
  work: () => Promise<T>,
): Promise<T> {
  let waitedFor = 0;
  for (;;) {
    const lock = tryLock(path);
    if ("release" in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (waitedFor !== lock.holder.pid) onWait(lock.holder);
    waitedFor = lock.holder.pid;
    await sleep(250);
  }
}

// Two that find the same stale lock must not both remove what the faster one has put in its place.
function removeStale(path: string, judged: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readOrNull(aside) !== judged) linked(aside, path);
  rmSync(aside, { force: true });
}

function releaseOwn(path: string, text: string): void {
  if (readOrNull(path) === text) rmSync(path, { force: true });
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function parseHolder(text: string): ProcessIdentity | null {
  try {
    const { pid, startTime } = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof pid === "number" && typeof startTime === "string" ? { pid, startTime } : null;
  } catch {
    return null;
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
