// The throw-away PostgreSQL that tests run on: one for a whole run, or one for a single file that is run by hand.
import { chmodSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningPostgres, startPostgres } from "../../src/embedded/postgres.ts";
import { removePostgresData } from "../../src/embedded/postgres-cluster.ts";
import { watchdog } from "./watchdog.ts";

export interface TestServers {
  /** As superuser; hand it to test files as RATCHET_TEST_DATABASE_URL. */
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** Starts what a test run shares. Stopped by `stop`, and in any case when this process ends. */
export async function startTestServers(): Promise<TestServers> {
  const { postgres, stop } = await startThrowAway();
  return { databaseUrl: postgres.url, stop };
}

let onDemand: Promise<string> | undefined;

/** The run's database server, or one of this file's own, which goes when the file is done. */
export function testDatabaseUrl(): Promise<string> {
  const given = process.env.RATCHET_TEST_DATABASE_URL;
  if (given !== undefined && given !== "") return Promise.resolve(given);
  onDemand ??= startThrowAway().then(({ postgres }) => {
    postgres.unref();
    return postgres.url;
  });
  return onDemand;
}

async function startThrowAway(): Promise<{ postgres: RunningPostgres; stop: () => Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), "ratchet-test-"));
  chmodSync(dataDir, 0o755); // the database's user must get in
  const said: string[] = [];
  const log = (level: string, message: string) => void (level !== "debug" && said.push(message));
  let callOff = () => {};
  const postgres = await startPostgres({ dataDir, port: 0, durable: false, log }).catch((error: Error) => {
    removePostgresData(dataDir);
    error.message += said.length > 0 ? ` (before: ${said.join("; ")})` : "";
    throw error;
  });
  const location = join(dataDir, "location");
  const elsewhere = existsSync(location) ? [readFileSync(location, "utf8").trim()] : [];
  callOff = watchdog(postgres.pid, [dataDir, ...elsewhere]);
  return {
    postgres,
    stop: async () => {
      await postgres.stop();
      removePostgresData(dataDir);
      callOff();
    },
  };
}
