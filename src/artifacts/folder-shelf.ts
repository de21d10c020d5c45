// A shelf in a folder. What is being written has a name of its own until it is whole.
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { Fault } from "../domain/fault.ts";
import type { Shelf } from "./shelf.ts";

const READ_AT_ONCE = 1024 * 1024;

/** Names are paths below the root, which is made when it is needed. */
export function folderShelf(root: string): Shelf {
  const pathOf = (name: string) => join(root, name);
  return {
    async put(name, bytes, signal) {
      const path = pathOf(name);
      const temporary = `${path}.${randomUUID()}.partial`; // nobody else's, whoever else puts the same bytes now
      try {
        await told(() => write(temporary, bytes, signal));
        await told(() => rename(temporary, path));
        await told(() => keepNames(dirname(path)));
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        throw bytes.errored ?? error; // what its source failed with is not the folder's fault
      } finally {
        bytes.destroy();
      }
    },
    async open(name, signal) {
      signal?.throwIfAborted();
      const file = await unlessGone(() => open(pathOf(name)));
      return file?.createReadStream({ highWaterMark: READ_AT_ONCE }) ?? null;
    },
    has: async (name) => (await unlessGone(() => stat(pathOf(name)))) !== null,
    delete: (name) => told(() => rm(pathOf(name), { force: true })),
    check: () => told(() => tryOut(root)),
  };
}

async function tryOut(root: string): Promise<void> {
  const path = join(root, `.check-${randomUUID()}`);
  try {
    await mkdir(root, { recursive: true });
    await writeFile(path, "written");
    if ((await readFile(path, "utf8")) !== "written") throw new Error("what was written is not what is read");
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}

async function write(path: string, bytes: Readable, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes, { signal });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Brings the folder's list of names to the disk: a plain file may go only when its gzipped form outlives a power cut. */
async function keepNames(folder: string): Promise<void> {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw folderFault(error);
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderFault(error);
  }
}

function folderFault(error: unknown): Fault {
  return new Fault("unavailable", `the artifact folder cannot be used (${(error as Error).message})`, {
    hint: "is it there, has it room, and may this user write to it? RATCHET_ARTIFACTS names it",
    cause: error,
  });
}
