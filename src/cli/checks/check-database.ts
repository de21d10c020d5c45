// Is PostgreSQL there, and does it hold our schema?
import type { Config } from "../../config.ts";
import { type Check, good, unused } from "./check.ts";
import { guarded } from "./guarded.ts";

export async function checkDatabase({ databaseUrl }: Config): Promise<Check> {
  if (databaseUrl === null) return unused("database", "DATABASE_URL is not set: npm start runs its own");
  return guarded("database", async () => {
    const { openDatabase } = await import("../../db/database.ts");
    const database = openDatabase(databaseUrl, { max: 1 });
    try {
      await database.ping();
    } finally {
      await database.close();
    }
    return good("database", "answers, and holds the schema");
  });
}
