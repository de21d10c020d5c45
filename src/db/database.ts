// The pool, and the three ways into a transaction: for one loop, across loops, and as the owner.
import { createHash } from "node:crypto";
import pg from "pg";
import type { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { type Sql, textOf } from "./sql.ts";

/** Queries inside a transaction. */
export interface Transaction {
  /** Every row, parsed. */
  rows<Row extends z.ZodType>(row: Row, query: Sql): Promise<z.output<Row>[]>;
  /** The only row, or null. */
  maybe<Row extends z.ZodType>(row: Row, query: Sql): Promise<z.output<Row> | null>;
  /** The only row; none is a bug of ours. */
  one<Row extends z.ZodType>(row: Row, query: Sql): Promise<z.output<Row>>;
  /** How many rows it touched. */
  run(query: Sql): Promise<number>;
}

export interface Database {
  /** Does `work` for one loop: role `ratchet_app`, which row-level security keeps inside that loop. */
  withLoop<T>(loop: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** For the few jobs that look across loops: key look-up, the list of loops, numbering events. */
  acrossLoops<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Whether the server answers and the schema is there. Throws a Fault that says what to do. */
  ping(): Promise<void>;
  /** The connections that there are, those that nobody uses, and how many transactions wait for one. */
  pool(): { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

const INT8 = 20;
const DATE = 1082;
const types = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === INT8) return Number; // counts, money in micro-units, microseconds: all below 2^53
    if (oid === DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as "text");
  },
} as pg.CustomTypesConfig;

/**
 * How long a transaction may wait for its next statement. A process that was halted in the middle of one, or parted from
 * us, holds locks that whoever does its work anew would wait for.
 */
const MOST_IDLE = 15_000;

/**
 * How long a statement may take. PostgreSQL is told to give it up; when even that is not heard of, the line is dead and
 * nobody said so (a machine lost, a route forgotten), and the connection is given up on this side.
 */
const MOST_WORKED = 30_000;
const UNHEARD = 5_000;

/** Opens a pool. Nothing connects before the first query. */
export function openDatabase(
  url: string,
  options: {
    max?: number;
    mostIdleMs?: number;
    mostWorkedMs?: number;
    unheardMs?: number;
    onError?: (error: Error) => void;
  } = {},
): Database {
  const mostWorked = options.mostWorkedMs ?? MOST_WORKED;
  const settings = {
    connectionString: url,
    types,
    application_name: "ratchet",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    idle_in_transaction_session_timeout: options.mostIdleMs ?? MOST_IDLE,
    statement_timeout: mostWorked,
    query_timeout: mostWorked + (options.unheardMs ?? UNHEARD),
  };
  const pool = new pg.Pool({ ...settings, max: options.max ?? 10 });
  // Whether the database answers is asked beside the work: when all connections are busy it is not away.
  const beside = new pg.Pool({ ...settings, max: 1 });
  for (const each of [pool, beside]) each.on("error", (error) => options.onError?.(error)); // an idle connection died; the pool makes another

  async function transaction<T>(opening: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw unreachable(error);
    });
    let broken: Error | undefined;
    const died = (error: Error) => {
      broken = error; // the query that waits for it fails too; without a listener the process would end
    };
    client.on("error", died);
    try {
      await client.query(opening);
      const result = await work(queriesOn(client));
      // After an error that `work` swallowed, PostgreSQL answers a commit by rolling back, and calls that a success.
      const { command } = await client.query("commit");
      if (command !== "COMMIT") throw new Error("the transaction was rolled back: an error in it went unheeded");
      return result;
    } catch (error) {
      if (isSilence(error))
        broken = error; // a rollback would wait as long again
      else
        await client.query("rollback").catch((rollbackError: Error) => {
          broken = rollbackError;
        });
      throw error;
    } finally {
      client.off("error", died);
      client.release(broken);
    }
  }

  return {
    async withLoop(loop, work) {
      if (loop.includes("\0")) throw new Fault("not_found", "there is no loop of that name");
      return transaction(`begin; set local role ratchet_app; set local ratchet.loop = ${pg.escapeLiteral(loop)}`, work);
    },
    acrossLoops: (work) => transaction("begin; set local role ratchet_ingest", work),
    async ping() {
      const client = await beside.connect().catch((error: unknown) => {
        throw unreachable(error);
      });
      let broken: Error | undefined;
      const { rows } = await client
        .query("select to_regclass('loop') is not null as migrated")
        .catch((error: Error) => {
          broken = error;
          throw unreachable(error);
        })
        .finally(() => client.release(broken));
      if (rows[0]?.migrated !== true)
        throw new Fault("unavailable", "the database has no Ratchet schema yet", {
          hint: "run: npx ratchet migrate",
        });
    },
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: async () => void (await Promise.all([pool.end(), beside.end()])),
  };
}

function queriesOn(client: pg.PoolClient): Transaction {
  const ask = async (query: Sql) => {
    const text = textOf(query);
    return client.query({ text, values: [...query.values], ...(query.prepared ? { name: nameOf(text) } : {}) });
  };
  const tx: Transaction = {
    rows: async (row, query) => (await ask(query)).rows.map((raw) => row.parse(raw)),
    async maybe(row, query) {
      const { rows } = await ask(query);
      if (rows.length > 1) throw new Error(`one row expected, ${rows.length} found: ${textOf(query)}`);
      return rows.length === 0 ? null : row.parse(rows[0]);
    },
    async one(row, query) {
      const found = await tx.maybe(row, query);
      if (found === null) throw new Error(`a row expected, none found: ${textOf(query)}`);
      return found;
    },
    run: async (query) => (await ask(query)).rowCount ?? 0,
  };
  return tx;
}

/** A prepared statement's name on its connection: the same text has the same. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  names.set(text, name);
  return name;
}
const names = new Map<string, string>();

/** The driver's own time-out: it has no class and no code. */
const isSilence = (error: unknown): error is Error => error instanceof Error && error.message === "Query read timeout";

const NO_SUCH_DATABASE = "3D000";

/** What stands in the way of a connection, as a Fault that says what to do. */
export function unreachable(error: unknown): Fault {
  const { code } = error as { code?: string };
  const reason = error instanceof Error ? error.message || code : String(error);
  if (code === NO_SUCH_DATABASE)
    return new Fault("unavailable", `PostgreSQL answers, but ${reason}`, {
      hint: "make it (createdb, by that name) and give it the schema (npx ratchet migrate), or correct DATABASE_URL",
      cause: error,
    });
  return new Fault("unavailable", `the database does not answer (${reason})`, {
    hint: "is PostgreSQL running, and does DATABASE_URL point at it?",
    cause: error,
  });
}

/** Whether an error is PostgreSQL's refusal by this unique index or constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.constraint === constraint;
}
