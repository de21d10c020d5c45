// PostgreSQL refuses to run as root: then it runs as a user of its own, found or made here.
import { readFileSync } from "node:fs";
import { Fault } from "../domain/fault.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { findProgram, runCommand } from "./run-command.ts";

export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";
const KNOWN = ["ratchet", "postgres", "_postgres"];
const MAKERS: readonly (readonly [string, readonly string[]])[] = [
  [
    "useradd",
    ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", "ratchet"],
  ],
  ["adduser", ["-S", "-D", "-H", "-s", "/bin/false", "ratchet"]],
];

/**
 * The user to run PostgreSQL as; null means: as ourselves, since we are not root.
 * @param owner the user id that owns the data already, if there are any
 * @throws Fault `unavailable` when we are root and no user can be found or made
 */
export async function databaseUser(owner: number | null, log: EmbeddedLog): Promise<OsUser | null> {
  if (process.getuid?.() !== 0) return null;
  if (owner !== null && owner !== 0) {
    const user = await lookUp(String(owner));
    if (user !== null) return user;
    throw new Fault("unavailable", `the database files belong to user id ${owner}, which this machine does not know`, {
      hint: "give them to an existing user with chown -R, or start as the user who made them",
    });
  }
  for (const name of KNOWN) {
    const user = await lookUp(name);
    if (user !== null && user.uid !== 0) return user;
  }
  return makeUser(log);
}

async function makeUser(log: EmbeddedLog): Promise<OsUser> {
  let why = "neither useradd nor adduser is there";
  for (const [program, args] of MAKERS) {
    const path = findProgram(program, SEARCH_PATH);
    if (path === null) continue;
    try {
      await runCommand(path, args, { env: { PATH: SEARCH_PATH } });
      const user = await lookUp("ratchet");
      if (user !== null) {
        log("info", "made the system user ratchet, since PostgreSQL does not run as root");
        return user;
      }
    } catch (error) {
      why = (error as Error).message;
    }
  }
  throw new Fault("unavailable", `PostgreSQL does not run as root, and no other user could be made for it: ${why}`, {
    hint: "start Ratchet as an ordinary user, make a user called ratchet, or set DATABASE_URL to a server of your own",
  });
}

// PostgreSQL's initdb asks the system for its user's name, so the id alone would not do.
async function lookUp(nameOrId: string): Promise<OsUser | null> {
  const fromFile = passwdLine(nameOrId);
  if (fromFile !== null) return fromFile;
  try {
    const env = { PATH: SEARCH_PATH };
    const ask = (flag: string) => runCommand("id", [flag, nameOrId], { env });
    const [name, uid, gid] = await Promise.all([ask("-un"), ask("-u"), ask("-g")]);
    return { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return null; // unknown, or no `id` at all
  }
}

function passwdLine(nameOrId: string): OsUser | null {
  let text: string;
  try {
    text = readFileSync("/etc/passwd", "utf8");
  } catch {
    return null;
  }
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined) continue;
    if (name === nameOrId || uid === nameOrId) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return null;
}
