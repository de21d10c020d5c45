// A folder on the worker's own disk in which a snapshot's files come to be, before they are kept.
import { createHash } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
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

export async function makeSnapshotFolder(): Promise<SnapshotFolder> {
  const folder = await mkdtemp(join(tmpdir(), "ratchet-snapshot-"));
  const scratch = await openScratchFile(join(folder, "scratch"));
  const pathOf = (name: string) => join(folder, name);
  return {
    scratch,
    pathOf,
    async openFile(name) {
      const file = await open(pathOf(name), "wx");
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
      await scratch.close().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}
