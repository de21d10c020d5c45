// Finds the Temporal dev server, or gets one: given, on the PATH, cached, downloaded, built with Go, in that order.
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { withLock } from "./lock.ts";
import { findProgram, isExecutable, runCommand } from "./run-command.ts";
import { downloadTemporal, TEMPORAL_DOWNLOADS } from "./temporal-download.ts";

/** The newest version that `go install` can build: later ones carry a `replace`. Server 1.29.1, UI 2.42.1. */
export const TEMPORAL_CLI_VERSION = "1.5.1";

export interface FindTemporal {
  /** A path that somebody chose; then nothing else is tried. */
  readonly given: string | null;
  /** PATH, HOME, and what Go reads. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly log: EmbeddedLog;
  /** Where to ask for a download. */
  readonly downloads?: string;
}

/**
 * Path of a Temporal CLI that can start a dev server.
 * @throws Fault `unavailable` that lists all that was tried, and what to do about each
 */
export async function temporalBinary({ given, environment, log, downloads }: FindTemporal): Promise<string> {
  if (given !== null) {
    if (isExecutable(given)) return given;
    throw new Fault("unavailable", `there is no program at ${given}, which was given as the Temporal CLI`, {
      hint: "correct the path, or leave it out and let Ratchet find or get one",
    });
  }
  const onPath = findProgram("temporal", environment.PATH);
  if (onPath !== null) return onPath;

  const cached = join(cacheFolder(environment), `temporal-cli-${TEMPORAL_CLI_VERSION}`, "temporal");
  if (isExecutable(cached)) return cached;
  await mkdir(dirname(cached), { recursive: true });
  await withLock(
    join(dirname(cached), "lock"),
    (holder) => log("info", `waiting for process ${holder.pid}, which gets the Temporal server already`),
    async () => {
      if (!isExecutable(cached)) await obtain(cached, environment, log, downloads ?? TEMPORAL_DOWNLOADS);
    },
  );
  return cached;
}

async function obtain(
  target: string,
  environment: Readonly<NodeJS.ProcessEnv>,
  log: EmbeddedLog,
  downloads: string,
): Promise<void> {
  log("info", `the Temporal server is not on this machine: downloading version ${TEMPORAL_CLI_VERSION}`);
  const noDownload = await attempt(() => downloadTemporal(downloads, TEMPORAL_CLI_VERSION, target, log));
  if (noDownload === null) return;
  const go = findProgram("go", environment.PATH);
  log(
    "info",
    `no download: ${noDownload}${go === null ? "" : "; building it with Go instead, once, in 5 to 9 minutes"}`,
  );
  const noBuild = go === null ? "go is not on the PATH" : await attempt(() => build(go, target, environment, log));
  if (noBuild === null) return;
  throw new Fault(
    "unavailable",
    `there is no Temporal server here, and none could be got:
  1. no path to one was given
  2. there is no program "temporal" on the PATH
  3. there is none in the cache, at ${target}
  4. downloading it failed: ${noDownload}
  5. building it failed: ${noBuild}`,
    {
      hint: `any one of these will do:
  1. set RATCHET_TEMPORAL_BINARY to a Temporal CLI, or TEMPORAL_ADDRESS to a running server
  2. install the Temporal CLI so that "temporal" is on the PATH
  3. copy a Temporal CLI to ${target}
  4. let this machine reach ${downloads}
  5. install Go, and let it reach its module proxy (GOPROXY)`,
    },
  );
}

async function build(
  go: string,
  target: string,
  environment: Readonly<NodeJS.ProcessEnv>,
  log: EmbeddedLog,
): Promise<void> {
  const folder = await mkdtemp(join(dirname(target), "build-"));
  try {
    await runCommand(go, ["install", `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`], {
      env: { ...environment, GOBIN: folder },
      cwd: folder,
      timeoutMs: 30 * 60_000,
      onProgress: (seconds) => log("info", `building the Temporal server: ${seconds} s so far, of about 300 to 540`),
    });
    await rename(join(folder, "temporal"), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null when it worked, else why it did not. */
async function attempt(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
