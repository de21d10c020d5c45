// Keeps records by id, in the order in which they came; on disk too when it has a folder, a file each.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";

export interface Row {
  readonly id: string;
  /** Its place in the order; given by `nextSequence`. */
  readonly sequence: number;
}

const SUFFIX = ".json";
const PART = ".part"; // left by a process that was killed while writing

/** A write is seen whole or not at all, also by a process that starts after a kill: written beside, then renamed. */
export class Shelf<Kept extends Row> {
  readonly #folder: string | null;
  readonly #rows = new Map<string, Kept>();
  #last = 0;

  /** Opens a shelf; `folder: null` keeps in memory only. Throws a Fault that names a file that does not parse. */
  constructor(folder: string | null) {
    this.#folder = folder;
    if (folder === null) return;
    mkdirSync(folder, { recursive: true });
    const entries = readdirSync(folder);
    for (const name of entries) if (name.endsWith(PART)) rmSync(join(folder, name), { force: true });
    const names = entries.filter((name) => name.endsWith(SUFFIX));
    const rows = names.map((name) => read<Kept>(join(folder, name)));
    for (const row of rows.sort((left, right) => left.sequence - right.sequence)) this.#rows.set(row.id, row);
    this.#last = rows.at(-1)?.sequence ?? 0;
  }

  nextSequence(): number {
    return ++this.#last;
  }

  /** Oldest first. */
  all(): Kept[] {
    return [...this.#rows.values()];
  }

  get(id: string): Kept | undefined {
    return this.#rows.get(id);
  }

  put(row: Kept): void {
    if (this.#folder !== null) writeWhole(this.#path(row.id), JSON.stringify(row));
    this.#rows.set(row.id, row);
  }

  /** Whether there was one to remove. */
  remove(id: string): boolean {
    if (!this.#rows.delete(id)) return false;
    if (this.#folder !== null) rmSync(this.#path(id), { force: true });
    return true;
  }

  #path(id: string): string {
    return join(this.#folder ?? "", encodeURIComponent(id) + SUFFIX);
  }
}

/** Writes a file so that a reader finds the old content or the new, never a part. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const beside = `${path}.${process.pid}${PART}`;
  writeFileSync(beside, content);
  renameSync(beside, path);
}

function read<Kept>(path: string): Kept {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Kept;
  } catch (cause) {
    throw new Fault("invalid", `the sandbox's record ${path} cannot be read: ${(cause as Error).message}`, {
      hint: "remove this file, or the sandbox's data folder, and start again",
      cause,
    });
  }
}
