// A folder on the worker's own disk in which a snapshot's files come to be, before they are kept.
import { createHash } from "node:crypto";
import { type FileHandle, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenFile } from "../snapshot/files.ts";
import { openScratchFile, type ScratchFile } from "./scratch-file.ts";

export interface SnapshotFolder {
  readonly scratch: ScratchFile;
  readonly openFile: OpenFile;
  /** Where a closed file is. */
  pathOf(name: string): string;
  /** Removes it all. */
  remove(): Promise<void>;
}

const PREFIX = "ratchet-snapshot-";

/** Removes what workers of this machine left that were killed: it holds people's texts. */
export async function sweepSnapshotFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split("-")[0]) : 0;
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export async function makeSnapshotFolder(): Promise<SnapshotFolder> {
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const scratch = await openScratchFile(join(folder, "scratch"));
  const handles: FileHandle[] = [];
  const pathOf = (name: string) => join(folder, name);
  return {
    scratch,
    pathOf,
    async openFile(name) {
      const file = await open(pathOf(name), "wx");
      handles.push(file);
      const hash = createHash("sha256");
      let bytes = 0;
      return {
        async write(text) {
          const block = Buffer.from(text);
          hash.update(block);
          bytes += block.length;
          await file.writeFile(block);
        },
        async close() {
          await file.close();
          return { sha256: hash.digest("hex"), bytes };
        },
      };
    },
    async remove() {
      for (const file of [scratch, ...handles]) await file.close().catch(() => {}); // one that is closed already, too
      await rm(folder, { recursive: true, force: true });
    },
  };
}
