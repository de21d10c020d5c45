// Artifacts on any shelf: names by content, checks on reading, and files that are kept gzipped.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { addAbortSignal, type Duplex, pipeline, Readable } from "node:stream";
import { pipeline as finished } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Fault } from "../domain/fault.ts";
import { sha256 as sha256Of } from "../domain/sha256.ts";
import { artifactName } from "./artifact-name.ts";
import type { Artifacts } from "./artifacts.ts";
import type { Shelf } from "./shelf.ts";
import { verified } from "./verified.ts";

const READ_AT_ONCE = 1024 * 1024;

/** Artifacts that stand on the shelf as `<loop>/<ab>/<sha256>`, or gzipped with ".gz" behind it. */
export function keepOn(shelf: Shelf): Artifacts {
  async function read(loop: string, sha256: string, signal?: AbortSignal): Promise<Readable> {
    const name = artifactName(loop, sha256);
    // A file that is being gzipped stands there in both forms before the plain one goes: looked for in this order, it is
    // always found in one of them.
    const plain = await shelf.open(name, signal);
    if (plain !== null) return begun(through([plain, verified(sha256, () => damaged(loop, sha256))], signal));
    const gzipped = await shelf.open(zipped(name), signal);
    if (gzipped === null) throw missing(loop, sha256);
    return begun(unzipped(gzipped, loop, sha256, signal));
  }

  async function compress(loop: string, sha256: string, signal?: AbortSignal): Promise<void> {
    const name = artifactName(loop, sha256);
    const plain = await shelf.open(name, signal);
    if (plain === null) {
      if (await shelf.has(zipped(name))) return;
      throw missing(loop, sha256);
    }
    const source = through([plain, verified(sha256, () => damaged(loop, sha256)), createGzip()]);
    await shelf.put(zipped(name), source, signal);
    // The plain form goes only when the store has given the other one back, and it was right.
    const kept = await shelf.open(zipped(name), signal);
    if (kept === null) throw missing(loop, sha256);
    for await (const _ of unzipped(kept, loop, sha256, signal));
    await shelf.delete(name);
  }

  return {
    read: (loop, sha256, signal) => heeding(signal, () => read(loop, sha256, signal)),
    async put(loop, bytes) {
      const sha256 = sha256Of(bytes);
      await shelf.put(artifactName(loop, sha256), Readable.from(partsOf(bytes), { objectMode: false }));
      return sha256;
    },
    async putFile(loop, path, signal) {
      return heeding(signal, async () => {
        const { sha256, bytes } = await fingerprint(path, signal);
        const changed = () => new Fault("conflict", "the file changed while it was being kept", { hint: "try again" });
        const file = createReadStream(path, { highWaterMark: READ_AT_ONCE });
        await shelf.put(artifactName(loop, sha256), through([file, verified(sha256, changed)]), signal);
        return { sha256, bytes };
      });
    },
    async get(loop, sha256) {
      const parts: Buffer[] = [];
      for await (const part of await read(loop, sha256)) parts.push(part);
      return Buffer.concat(parts);
    },
    compress: (loop, sha256, signal) => heeding(signal, () => compress(loop, sha256, signal)),
    async delete(loop, sha256) {
      const name = artifactName(loop, sha256);
      await shelf.delete(name);
      await shelf.delete(zipped(name));
    },
    check: () => shelf.check(),
  };
}

const zipped = (name: string) => `${name}.gz`;

/** The original bytes of a gzipped file. What cannot be unpacked is damaged, as what has another hash. */
function unzipped(gzipped: Readable, loop: string, sha256: string, signal?: AbortSignal): Readable {
  const wrong = () => damaged(loop, sha256);
  const gunzip = createGunzip({ chunkSize: READ_AT_ONCE });
  const checked = verified(sha256, wrong);
  gunzip.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith("Z_")) checked.destroy(wrong()); // before the pipeline hands on zlib's own words
  });
  return through([gzipped, gunzip, checked], signal);
}

/** Work that fails with the signal's own reason once that is aborted, whichever part of it noticed first. */
async function heeding<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

/** Joins streams into one that fails when any of them fails, and that takes all with it when it is destroyed. */
function through(streams: [Readable, ...Duplex[]], signal?: AbortSignal): Readable {
  const last = streams.at(-1)!;
  if (signal !== undefined) addAbortSignal(signal, last);
  pipeline(streams, () => {}); // whoever reads the last one is told there
  return last;
}

/** Waits for the first bytes, so that a small file that is damaged fails here, before anybody answered "here it is". */
async function begun(stream: Readable): Promise<Readable> {
  await once(stream, "readable");
  return stream;
}

async function fingerprint(path: string, signal?: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await finished(
    createReadStream(path, { highWaterMark: READ_AT_ONCE }),
    async (file: AsyncIterable<Buffer>) => {
      for await (const part of file) {
        hash.update(part);
        bytes += part.length;
      }
    },
    { signal },
  );
  return { sha256: hash.digest("hex"), bytes };
}

function* partsOf(bytes: Uint8Array): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += READ_AT_ONCE)
    yield Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.min(READ_AT_ONCE, bytes.length - from));
}

function missing(loop: string, sha256: string): Fault {
  return new Fault("not_found", `the file ${sha256.slice(0, 12)}… of loop "${loop}" is not in the artifact store`);
}

/** No Fault: nobody who asks can do anything about it, and whoever keeps the store must hear of it from the log. */
function damaged(loop: string, sha256: string): Error {
  return new Error(
    `artifact ${sha256} of loop ${loop} does not have the bytes that it was made of: bring it back from a backup`,
  );
}
