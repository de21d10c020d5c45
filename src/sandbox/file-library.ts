// The files that were uploaded: what they are and their bytes.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Row, Shelf, writeWhole } from "./shelf.ts";

export interface FileRecord extends Row {
  readonly filename: string;
  readonly purpose: string;
  readonly bytes: number;
  readonly createdMs: number;
}

export class FileLibrary {
  readonly #shelf: Shelf<FileRecord>;
  readonly #folder: string | null;
  readonly #contents = new Map<string, Uint8Array>();

  constructor(folder: string | null) {
    this.#folder = folder;
    if (folder !== null) mkdirSync(folder, { recursive: true });
    this.#shelf = new Shelf(folder);
  }

  /** Oldest first. */
  all(): FileRecord[] {
    return this.#shelf.all();
  }

  get(id: string): FileRecord | undefined {
    return this.#shelf.get(id);
  }

  add(file: { filename: string; purpose: string; content: Uint8Array; createdMs: number }): FileRecord {
    const { content, ...about } = file;
    const record = {
      ...about,
      id: `file-${randomBytes(12).toString("hex")}`,
      sequence: this.#shelf.nextSequence(),
      bytes: content.byteLength,
    };
    // The bytes first: a record must never name bytes that are not there.
    if (this.#folder === null) this.#contents.set(record.id, content);
    else writeWhole(this.#path(record.id), content);
    this.#shelf.put(record);
    return record;
  }

  /** The bytes of a file that is there. */
  content(id: string): Uint8Array {
    return this.#contents.get(id) ?? readFileSync(this.#path(id));
  }

  remove(id: string): boolean {
    if (!this.#shelf.remove(id)) return false;
    if (this.#folder === null) this.#contents.delete(id);
    else rmSync(this.#path(id), { force: true });
    return true;
  }

  #path(id: string): string {
    return join(this.#folder ?? "", `${id}.bytes`);
  }
}

/** A file as OpenAI shows it. */
export function showFile({ id, filename, purpose, bytes, createdMs }: FileRecord) {
  return {
    id,
    object: "file",
    bytes,
    created_at: Math.floor(createdMs / 1000),
    filename,
    purpose,
    status: "processed",
  };
}
