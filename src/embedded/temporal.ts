// Starts a Temporal dev server of our own, with its history on disk, for a machine where nobody has set one up.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SEARCH_ATTRIBUTES } from "../client.ts";
import { Fault } from "../domain/fault.ts";
import { describeExit, type RunningChild, startChild } from "./child.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { claimPort, portTaken } from "./port.ts";
import { prepareNamespace } from "./temporal-namespace.ts";

const MOST_ATTEMPTS = 3;
const READY_WITHIN_MS = 60_000;

export interface TemporalOptions {
  /** Path of the Temporal CLI. */
  readonly binary: string;
  /** A folder for Temporal alone; holds its database. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
  readonly log: EmbeddedLog;
  readonly onSpawned?: ((pid: number) => void) | undefined;
}

export interface RunningTemporal extends RunningChild {
  readonly port: number;
  readonly uiPort: number;
  /** As "127.0.0.1:7233". */
  readonly address: string;
  readonly uiUrl: string;
}

/**
 * Starts the dev server and waits until the namespace answers, keeps closed workflows for 90 days, and knows our search
 * attributes (also when the database was made by a release that had fewer).
 * @throws Fault `conflict` for a taken port, `unavailable` when it does not start
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { dataDir, log } = options;
  mkdirSync(dataDir, { recursive: true });
  log(
    "info",
    existsSync(database(dataDir)) ? "starting Temporal on its kept history" : "starting Temporal with a new history",
  );
  for (let attempt = 1; ; attempt += 1) {
    const port = await claimPort(options.port, "Temporal");
    const uiPort = await claimPort(options.uiPort, "the Temporal Web UI");
    if (port === uiPort) throw portTaken(uiPort, "the Temporal Web UI");
    const child = await launch(options, port, uiPort);
    const address = `127.0.0.1:${port}`;
    try {
      await untilReady(child, address, options.namespace);
      return { ...child, port, uiPort, address, uiUrl: `http://127.0.0.1:${uiPort}` };
    } catch (error) {
      await child.stop();
      // It picks the ports between its own parts by chance, and another program may have been quicker.
      if (attempt === MOST_ATTEMPTS || !(await lostRace(child))) throw error;
      log("warn", `Temporal did not start, trying once more: ${(error as Error).message}`);
    }
  }
}

function database(dataDir: string): string {
  return join(dataDir, "temporal.db");
}

function launch(options: TemporalOptions, port: number, uiPort: number): Promise<RunningChild> {
  const { binary, dataDir, namespace, log, onSpawned } = options;
  const args = ["server", "start-dev", "--ip", "127.0.0.1", "--port", String(port), "--ui-port", String(uiPort)];
  args.push("--db-filename", database(dataDir), "--namespace", namespace, "--log-level", "warn");
  for (const name of SEARCH_ATTRIBUTES) args.push("--search-attribute", `${name}=Keyword`);
  return startChild({
    name: "Temporal",
    command: binary,
    args,
    // A home of its own keeps somebody's personal settings of the CLI out.
    env: { PATH: "/usr/bin:/bin", HOME: dataDir },
    cwd: dataDir,
    ending: [{ signal: "SIGTERM", waitMs: 15_000 }],
    onSpawned,
    onLine: (line) => log("debug", line),
  });
}

async function untilReady(child: RunningChild, address: string, namespace: string): Promise<void> {
  const hint = "what it said names the cause; TEMPORAL_ADDRESS takes a server of your own";
  const ended = child.exited.then((exit) => ({ exit }));
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const outcome = await Promise.race([ended, prepareNamespace(address, namespace)]);
    if (outcome === "ready") return;
    if ("exit" in outcome) throw new Fault("unavailable", describeExit("Temporal", outcome.exit), { hint });
    if (Date.now() > until) {
      throw new Fault("unavailable", `Temporal does not answer on ${address}: ${outcome.message}`, { hint });
    }
    await Promise.race([ended, sleep(100)]);
  }
}

async function lostRace(child: RunningChild): Promise<boolean> {
  return (await child.exited).lastLines.some((line) => /address already in use|^panic:/.test(line));
}
