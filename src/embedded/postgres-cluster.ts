// Where the database's files lie, who owns them, and how they are made the first time.
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { OsUser } from "./database-user.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { obstacle, reachableFolder } from "./reachable.ts";
import { runCommand } from "./run-command.ts";

/** The superuser and the database that carry our name. */
export const DATABASE_NAME = "ratchet";

/** The folder of a cluster that was made before; null when there is none yet. */
export function existingCluster(dataDir: string): string | null {
  const pointer = join(dataDir, "location");
  const folder = existsSync(pointer) ? readFileSync(pointer, "utf8").trim() : join(dataDir, "cluster");
  if (existsSync(join(folder, "PG_VERSION"))) return folder;
  if (!existsSync(pointer)) return null;
  throw new Fault("unavailable", `the database of ${dataDir} should lie in ${folder}, but is not there`, {
    hint: `bring ${folder} back; or remove ${pointer} to begin with an empty database`,
  });
}

/** The user id that owns a cluster. */
export function clusterOwner(folder: string): number {
  return statSync(folder).uid;
}

/**
 * Makes sure that these programs can open the cluster as this user.
 * @throws Fault `conflict` for files of another major version, `forbidden` for files that the user cannot reach
 */
export function checkCluster(folder: string, binaries: PostgresBinaries, user: OsUser | null): void {
  const made = readFileSync(join(folder, "PG_VERSION"), "utf8").trim();
  const major = binaries.version.split(".")[0];
  if (made !== major) {
    throw new Fault(
      "conflict",
      `the database in ${folder} was made by PostgreSQL ${made}, and this is ${binaries.version}`,
      {
        hint: `start the release of Ratchet that had PostgreSQL ${made} and export what you need, or move the folder away to begin anew`,
        details: { made, running: binaries.version },
      },
    );
  }
  const blocked = obstacle(folder, user);
  if (blocked !== null && user !== null) {
    throw new Fault(
      "forbidden",
      `the database in ${folder} belongs to user ${user.name}, who cannot enter ${blocked}`,
      {
        hint: `let others pass through it (chmod o+x ${blocked}), or move the data folder elsewhere`,
      },
    );
  }
  const owner = clusterOwner(folder);
  const ourselves = process.getuid?.();
  if (user === null && ourselves !== undefined && owner !== ourselves) {
    throw new Fault("forbidden", `the database in ${folder} belongs to user id ${owner}, and we are ${ourselves}`, {
      hint: "start as the user who made it, or give it to yourself with chown -R",
    });
  }
}

export interface MakeCluster {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly user: OsUser | null;
  readonly durable: boolean;
  readonly log: EmbeddedLog;
  readonly places?: readonly string[] | undefined;
}

/**
 * Makes an empty cluster: inside the data folder, or, where the database's user cannot reach that, elsewhere, with a
 * file `location` in the data folder that says where.
 * @returns its folder
 */
export async function makeCluster({ dataDir, binaries, user, durable, log, places }: MakeCluster): Promise<string> {
  mkdirSync(dataDir, { recursive: true });
  const inside = join(dataDir, "cluster");
  const blocked = obstacle(inside, user);
  const away = blocked !== null && user !== null;
  const folder = away ? join(reachableFolder(user, places), `database-${randomBytes(6).toString("hex")}`) : inside;
  if (away) log("info", `the database goes to ${folder}, since user ${user.name} cannot enter ${blocked}`);
  log("info", `making a new database in ${folder}`);

  // Made aside and renamed, so that a half-made one is never taken for a whole one.
  const draft = `${folder}.new`;
  const passwordFile = `${draft}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  try {
    writeFileSync(passwordFile, databasePassword(dataDir), { mode: 0o600 });
    if (user !== null) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
    const args = [
      `--pgdata=${draft}`,
      `--username=${DATABASE_NAME}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
    ];
    args.push(
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--locale=C.UTF-8",
      "--lc-collate=C",
      "--lc-ctype=C",
      "--data-checksums",
    );
    if (!durable) args.push("--no-sync");
    const env = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
    await runCommand(binaries.initdb, args, { env, cwd: dirname(folder), ...(user === null ? {} : { user }) });
    renameSync(draft, folder);
    if (away) writeFileSync(join(dataDir, "location"), `${folder}\n`);
    return folder;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (error instanceof Fault) throw error;
    throw new Fault("unavailable", `the database could not be made: ${(error as Error).message}`, {
      hint: "free some space, or check who may write there; DATABASE_URL takes a server of your own",
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The database's password: made once, kept in the data folder, for its owner alone. */
export function databasePassword(dataDir: string): string {
  const path = join(dataDir, "password");
  if (!existsSync(path)) {
    const draft = `${path}.new`;
    writeFileSync(draft, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  }
  return readFileSync(path, "utf8").trim();
}

/** Removes a data folder, and the cluster too where that lies elsewhere. Nothing may run on it. */
export function removePostgresData(dataDir: string): void {
  const pointer = join(dataDir, "location");
  if (existsSync(pointer)) rmSync(readFileSync(pointer, "utf8").trim(), { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}
