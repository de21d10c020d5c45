// Brings the schema up to date; safe to run from many processes at once.
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { Fault } from "../domain/fault.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/** Applies what is missing, in order, under an advisory lock. Returns the names of what was applied. */
export async function migrate(databaseUrl: string, log: (line: string) => void = () => {}): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "ratchet-migrate" });
  try {
    await client.connect();
  } catch (error) {
    throw new Fault("unavailable", `the database does not answer (${error instanceof Error ? error.message : error})`, {
      hint: "is PostgreSQL running, and does DATABASE_URL point at it?",
      cause: error,
    });
  }
  try {
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      direction: "up",
      migrationsTable: "migration",
      checkOrder: true,
      singleTransaction: true,
      advisoryLockMode: "wait",
      verbose: false,
      log,
    });
    return applied.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}
