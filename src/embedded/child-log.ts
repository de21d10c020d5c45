// Keeps what a child says in a file of its own, and picks out what a person should see at once.
import { openSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddedLog } from "./embedded-log.ts";

export interface ChildLog {
  readonly path: string;
  /** For what we ourselves tell of the child. */
  readonly log: EmbeddedLog;
  /** For a line that the child wrote. */
  readonly line: (line: string) => void;
}

const LARGEST_BYTES = 20_000_000;

/**
 * Appends to `<folder>/<name>.log`; at opening, a file that has grown large is set aside, in place of the one before it.
 * Writes at once, so that the last words before a crash are there.
 * @param show takes a line for the terminal
 */
export function createChildLog(folder: string, name: string, show: (line: string) => void): ChildLog {
  const path = join(folder, `${name}.log`);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_BYTES) renameSync(path, `${path}.1`);
  const file = openSync(path, "a");
  const keep = (line: string) => {
    try {
      writeSync(file, `${line}\n`);
    } catch {
      // A full disk must not end what still runs; the database will say so better.
    }
  };
  return {
    path,
    log(level, message) {
      keep(message);
      if (level !== "debug") show(message);
    },
    line(line) {
      keep(line);
      const words = alarming(line);
      if (words !== null) show(`${name}: ${words}`);
    },
  };
}

/** What to show of a line of our own structured log: warnings and errors in words; null for the rest. */
export function alarming(line: string): string | null {
  if (!line.startsWith("{")) return null;
  try {
    const { level, event, msg, error } = JSON.parse(line) as Record<string, unknown>;
    if (level !== "warn" && level !== "error") return null;
    return [level, event, msg, error].filter((part) => typeof part === "string" && part !== "").join(" · ");
  } catch {
    return null;
  }
}
