// What lies where in the data folder of `npm start`, and the two small files there that only their owner may read.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";

export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly sandbox: string;
  readonly artifacts: string;
  readonly logs: string;
  /** `{"url","key"}`: how the command line finds the API. */
  readonly connection: string;
}

/** Names what is inside; makes only the folder for logs. */
export function openDataFolder(path: string): DataFolder {
  const inside = (name: string) => join(path, name);
  const folder = {
    path,
    postgres: inside("postgres"),
    temporal: inside("temporal"),
    sandbox: inside("sandbox"),
    artifacts: inside("artifacts"),
    logs: inside("logs"),
    connection: inside("connection.json"),
  };
  mkdirSync(folder.logs, { recursive: true });
  return folder;
}

/**
 * The secret that hashes units: made once, then always the same, since people are found again by it.
 * @throws Fault `unavailable` when the file is there and holds none
 */
export function keptSecret({ path }: DataFolder): string {
  const file = join(path, "secret");
  if (!existsSync(file)) writePrivately(file, `${randomBytes(32).toString("hex")}\n`);
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length >= 16) return secret;
  throw new Fault("unavailable", `${file} does not hold the secret that people's ids are hashed with`, {
    hint: "bring the file back from a copy; with another secret nobody would be recognised again",
  });
}

/** The key that an earlier start kept; null when there is none that can be read. */
export function keptKey({ connection }: DataFolder): string | null {
  try {
    const { key } = JSON.parse(readFileSync(connection, "utf8")) as { key?: unknown };
    return typeof key === "string" ? key : null;
  } catch {
    return null; // missing, or spoilt: a new key replaces it
  }
}

/** Keeps where the API is, and a key to it. */
export function keepConnection({ connection }: DataFolder, url: string, key: string): void {
  writePrivately(connection, `${JSON.stringify({ url, key }, null, 2)}\n`);
}

// Whole or not at all, and on the disk before anything relies on it.
function writePrivately(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}
