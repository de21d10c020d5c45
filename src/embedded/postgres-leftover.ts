// Ends a PostgreSQL that an earlier start left running on these files, once it is certain that it is the one.
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { EmbeddedLog } from "./embedded-log.ts";
import { commandLine, endProcess, identify } from "./process-identity.ts";

/** Frees a cluster of whatever still runs on it. Call it only while holding the data folder's claim. */
export async function stopLeftoverPostgres(folder: string, log: EmbeddedLog): Promise<void> {
  const pidFile = join(folder, "postmaster.pid");
  const pid = firstLine(pidFile);
  const identity = pid === null ? null : identify(pid);
  if (identity !== null && runsOn(identity.pid, folder)) {
    log("info", `ending PostgreSQL, process ${identity.pid}, left behind by an earlier start`);
    await endProcess(identity, [
      { signal: "SIGINT", waitMs: 30_000 }, // fast shutdown: clients are cut off, the files end clean
      { signal: "SIGQUIT", waitMs: 5_000 }, // immediate: the next start recovers
      { signal: "SIGKILL", waitMs: 5_000 },
    ]);
  }
  // Its workers outlive a killed postmaster while they are busy, and hold the shared memory that a new one needs.
  for (const orphan of processesIn(folder)) {
    log("info", `ending process ${orphan.pid} of a PostgreSQL that was killed`);
    await endProcess(orphan, [
      { signal: "SIGQUIT", waitMs: 5_000 },
      { signal: "SIGKILL", waitMs: 5_000 },
    ]);
  }
  // PostgreSQL would refuse to start if that number now belonged to something else.
  if (pid !== null) rmSync(pidFile, { force: true });
}

function firstLine(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, "utf8").split("\n")[0]);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function runsOn(pid: number, folder: string): boolean {
  const words = commandLine(pid).split(" ");
  if (!basename(words[0] ?? "").startsWith("postgres")) return false;
  return workingFolder(pid) === realpathSync(folder) || words.join(" ").includes(`-D ${folder} `);
}

// Every process of a cluster works in the cluster's folder. Without /proc this finds none, and the start waits.
function processesIn(folder: string) {
  let numbers: number[];
  try {
    numbers = readdirSync("/proc").map(Number).filter(Number.isSafeInteger);
  } catch {
    return [];
  }
  const real = realpathSync(folder);
  const found = numbers.filter((pid) => workingFolder(pid) === real && commandLine(pid).startsWith("postgres"));
  return found.map(identify).filter((identity) => identity !== null);
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
