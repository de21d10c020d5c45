// A database of its own for each test file: cloned from a template that is migrated once a run.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { migrate } from "../../src/db/migrate.ts";
import { testDatabaseUrl } from "./test-servers.ts";

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** Runs SQL as the superuser, past row-level security: to see what is really there. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/** A fresh database with the schema, and nothing in it. Drop it in `after`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testDatabaseUrl();
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  try {
    const template = await ensureTemplate(admin, server);
    await admin.query(`create database ${name} template ${template}`);
  } finally {
    await admin.end();
  }
  const url = withName(server, name);
  const db = openDatabase(url, { max: 8 });
  const direct = new pg.Pool({ connectionString: url, max: 2 });
  direct.on("error", () => {}); // dropped with the database
  return {
    url,
    db,
    query: async (text, values = []) => (await direct.query(text, values)).rows,
    async drop() {
      await db.close();
      await direct.end();
      const client = new pg.Client({ connectionString: server });
      await client.connect();
      await client.query(`drop database if exists ${name} with (force)`);
      await client.end();
    },
  };
}

async function ensureTemplate(admin: pg.Client, server: string): Promise<string> {
  const name = `template_${migrationsHash()}`;
  await admin.query("select pg_advisory_lock(4400)");
  try {
    const { rows } = await admin.query("select 1 from pg_database where datname = $1", [name]);
    if (rows.length > 0) return name;
    const making = `${name}_making`;
    await admin.query(`drop database if exists ${making} with (force)`);
    await admin.query(`create database ${making}`);
    await migrate(withName(server, making));
    await admin.query(`alter database ${making} rename to ${name}`);
    return name;
  } finally {
    await admin.query("select pg_advisory_unlock(4400)");
  }
}

function migrationsHash(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(MIGRATIONS).sort()) hash.update(readFileSync(`${MIGRATIONS}/${file}`));
  return hash.digest("hex").slice(0, 12);
}

function withName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
