// Brings the schema up to date; safe to run from many processes at once.
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { Fault } from "../domain/fault.ts";
import { unreachable } from "./database.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/** Applies what is missing, in order, under an advisory lock. Returns the names of what was applied. */
export async function migrate(databaseUrl: string, log: (line: string) => void = () => {}): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "ratchet-migrate" });
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(error);
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
  } catch (error) {
    // What a migration foresees it says itself, with what to do.
    if (error instanceof pg.DatabaseError && error.hint !== undefined)
      throw new Fault("unavailable", error.message, { hint: error.hint, cause: error });
    throw error;
  } finally {
    await client.end();
  }
}
