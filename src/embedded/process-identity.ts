// Tells one process from another that was given the same number later, so that we never end a stranger.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process and when it began; together they name it for good. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: equal only for the same process. */
  readonly startTime: string;
}

/** One signal of an escalation, and how long to wait for its effect before the next. */
export interface EndingStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

/** Identity of a running process; null when there is none, or when only its zombie is left. */
export function identify(pid: number): ProcessIdentity | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat !== null) {
    // The second field is the command in parentheses and may hold anything, so count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X" || fields[19] === undefined) return null;
    const boot = readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
    return { pid, startTime: `${boot}/${fields[19]}` };
  }
  if (readOrNull("/proc/self/stat") !== null) return null;
  const listed = ps(["-o", "stat=", "-o", "lstart=", "-p", String(pid)]);
  if (listed === "" || listed.startsWith("Z")) return null;
  return { pid, startTime: listed.replace(/^\S+\s+/, "").replace(/\s+/g, " ") };
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** Command line of a process with single spaces between the words; empty when unknown. */
export function commandLine(pid: number): string {
  const words = readOrNull(`/proc/${pid}/cmdline`);
  if (words !== null) return words.replaceAll("\0", " ").trim();
  return ps(["-ww", "-o", "command=", "-p", String(pid)]);
}

/**
 * Ends a process that need not be our child, by one signal after the other until it is gone.
 * @returns the signal that did it, or null when it was gone already
 * @throws Error when it outlives all of them
 */
export async function endProcess(
  identity: ProcessIdentity,
  steps: readonly EndingStep[],
): Promise<NodeJS.Signals | null> {
  if (!isRunning(identity)) return null;
  for (const { signal, waitMs } of steps) {
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    const until = Date.now() + waitMs;
    while (Date.now() < until) {
      if (!isRunning(identity)) return signal;
      await sleep(25);
    }
  }
  throw new Error(`process ${identity.pid} does not end`);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function ps(args: string[]): string {
  // One locale and zone, or the same start time could read differently tomorrow.
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  return (spawnSync("ps", args, { env, encoding: "utf8" }).stdout ?? "").trim();
}
