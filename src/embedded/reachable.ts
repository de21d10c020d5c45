// Whether another user can get to a path, judged by the modes of the folders on the way, and a place where they can.
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { OsUser } from "./database-user.ts";

const PLACES = ["/var/lib/ratchet", "/var/tmp/ratchet"];

/**
 * The first folder on the way to `path` that the user may not enter; null when the way is open. Parts of the path that
 * do not exist yet are left out. Null for a null user: that is ourselves.
 */
export function obstacle(path: string, user: OsUser | null): string | null {
  if (user === null) return null;
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  const way: string[] = [];
  for (let folder = realpathSync(there); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return way.find((folder) => !mayEnter(folder, user)) ?? null;
}

/**
 * A folder of ours that the user can reach, made when missing.
 * @param places where to try, in order
 * @throws Fault `unavailable` that says what is wrong with each
 */
export function reachableFolder(user: OsUser, places: readonly string[] = PLACES): string {
  const faults: string[] = [];
  for (const place of places) {
    const fault = prepare(place, user);
    if (fault === null) return place;
    faults.push(`${place}: ${fault}`);
  }
  throw new Fault("unavailable", `there is no folder that user ${user.name} can reach (${faults.join("; ")})`, {
    hint: `put the checkout and its data where ${user.name} can enter, or set DATABASE_URL to a server of your own`,
  });
}

function prepare(place: string, user: OsUser): string | null {
  try {
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(place)) {
      mkdirSync(place, { mode: 0o755 });
      chmodSync(place, 0o755);
    }
    // Programs are run from here: one that somebody else put there, or may change, must not be trusted.
    const { uid, mode } = lstatSync(place);
    if (!lstatSync(place).isDirectory()) return "is not a folder";
    if (uid !== process.getuid?.()) return `belongs to user id ${uid}`;
    if ((mode & 0o022) !== 0) return "can be written by others";
    const blocked = obstacle(join(place, "x"), user);
    return blocked === null ? null : `${blocked} is closed`;
  } catch (error) {
    return (error as Error).message;
  }
}

function mayEnter(path: string, user: OsUser): boolean {
  const { uid, gid, mode } = statSync(path);
  const wanted = statSync(path).isDirectory() ? 0o1 : 0o4; // enter a folder, read a file
  if (uid === user.uid) return (mode & (wanted << 6)) !== 0;
  if (gid === user.gid) return (mode & (wanted << 3)) !== 0;
  return (mode & wanted) !== 0;
}
