// Waits until the servers that a program needs answer, so that an outage of theirs does not use up its restarts.
import { setTimeout as sleep } from "node:timers/promises";
import { connectTemporal, type TemporalSettings } from "../client.ts";
import { openDatabase } from "../db/database.ts";
import type { EmbeddedLog } from "./embedded-log.ts";

export interface Servers {
  readonly databaseUrl: string;
  readonly temporal: TemporalSettings;
}

/**
 * Returns once both answer, or when `stopping` is aborted.
 * @param who for the lines that tell what is waited for
 */
export async function awaitServers(
  who: string,
  servers: Servers,
  stopping: AbortSignal,
  log: EmbeddedLog,
): Promise<void> {
  await untilItWorks(who, () => pingDatabase(servers.databaseUrl), stopping, log);
  await untilItWorks(who, () => pingTemporal(servers.temporal), stopping, log);
}

async function untilItWorks(
  who: string,
  attempt: () => Promise<void>,
  stopping: AbortSignal,
  log: EmbeddedLog,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => stopping.addEventListener("abort", () => resolve(), { once: true }));
  let told = "";
  while (!stopping.aborted) {
    try {
      await Promise.race([attempt(), stopped]);
      return;
    } catch (error) {
      const { message } = error as Error;
      if (message !== told) log("warn", `${who} waits: ${message}`);
      told = message;
      await sleep(1_000, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

async function pingDatabase(url: string): Promise<void> {
  const db = openDatabase(url, { max: 1 });
  try {
    await db.ping();
  } finally {
    await db.close();
  }
}

async function pingTemporal(settings: TemporalSettings): Promise<void> {
  const { workflows } = await connectTemporal(settings);
  await workflows.close();
}
