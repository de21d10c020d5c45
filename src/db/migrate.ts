// Brings the schema up to date; safe to run from many processes at once.
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import pg from "pg";
import { Fault } from "../domain/fault.ts";
import { unreachable } from "./database.ts";

const NOT_ALLOWED = "42501"; // insufficient_privilege
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
    if ((error as { code?: string }).code !== NOT_ALLOWED) throw error;
    throw new Fault(
      "unavailable",
      `the user of DATABASE_URL may not do what the schema needs (${(error as Error).message})`,
      {
        hint: "migrate as a user that may create roles (alter role … createrole) and owns the database; docs/production.md says what servers need",
        cause: error,
      },
    );
  } finally {
    await client.end();
  }
}
