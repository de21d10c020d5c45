// Files that were made once and never change, named by their content.
import type { Readable } from "node:stream";
import { parseArtifactAddress } from "../domain/artifact-address.ts";
import { folderShelf } from "./folder-shelf.ts";
import { keepOn } from "./keep-on.ts";
import { s3Shelf } from "./s3-shelf.ts";

/**
 * A file is seen whole or not at all, whoever dies or aborts in the middle, and is checked against its name whenever it is
 * read. Names are SHA-256 in 64 small hexadecimal digits. Every method throws a Fault `unavailable` that says what to do when
 * the store cannot be used; trying again later is harmless for each of them.
 */
export interface Artifacts {
  /** Keeps the bytes and returns their SHA-256 in hex. Putting the same bytes again is harmless, and mends what was damaged. */
  put(loop: string, bytes: Uint8Array): Promise<string>;
  /**
   * Keeps a file of this machine, as `put` does, without ever holding the whole of it in memory. It is read twice: for its
   * name, and to keep it. Throws a Fault `conflict` when it changes meanwhile, and the signal's reason when that is aborted.
   */
  putFile(loop: string, path: string, signal?: AbortSignal): Promise<{ sha256: string; bytes: number }>;
  /** The bytes, checked against their name. Throws a Fault `not_found` when they are gone. */
  get(loop: string, sha256: string): Promise<Buffer>;
  /**
   * The bytes as a stream; read it to its end or destroy it. It fails in place of its last part when the bytes are not those
   * of the name: what it has ended is right. Throws `not_found` as `get` does; an aborted signal ends the stream, too.
   */
  read(loop: string, sha256: string, signal?: AbortSignal): Promise<Readable>;
  /**
   * From now on keeps the file gzipped; `get` and `read` give the same bytes as before, also to those in the middle of
   * reading. Twice is harmless, and so is being killed at any point. Not for a file that is being deleted: that would bring
   * it back. Throws a Fault `not_found` when it is gone.
   */
  compress(loop: string, sha256: string, signal?: AbortSignal): Promise<void>;
  delete(loop: string, sha256: string): Promise<void>;
  /** Whether files can be written and read. Throws a Fault `unavailable` that says what to do. */
  check(): Promise<void>;
}

/** Artifacts at an address as RATCHET_ARTIFACTS has it: a folder that all workers and servers share, or s3://…. */
export function openArtifacts(address: string): Artifacts {
  const place = parseArtifactAddress(address);
  return keepOn(place.kind === "folder" ? folderShelf(place.path) : s3Shelf(place));
}
