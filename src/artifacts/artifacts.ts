// Files that were made once and never change, named by their content.
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../domain/fault.ts";
import { sha256 as sha256Of } from "../domain/sha256.ts";

export interface Artifacts {
  /** Keeps the bytes and returns their SHA-256 in hex. Putting the same bytes again is harmless. */
  put(loop: string, bytes: Uint8Array): Promise<string>;
  /** The bytes, checked against their name. Throws a Fault `not_found` when they are gone. */
  get(loop: string, sha256: string): Promise<Buffer>;
  delete(loop: string, sha256: string): Promise<void>;
  /** Whether files can be written and read. Throws a Fault `unavailable` that says what to do. */
  check(): Promise<void>;
}

/** Artifacts in a folder that all workers and servers share. */
export function openArtifacts(root: string): Artifacts {
  if (root.startsWith("s3://"))
    throw new Fault("invalid", "RATCHET_ARTIFACTS: S3 comes in a later version", {
      hint: "give a folder that all workers and servers share",
    });
  const pathOf = (loop: string, sha256: string) => join(root, loop, sha256.slice(0, 2), sha256);
  return {
    async put(loop, bytes) {
      const sha256 = sha256Of(bytes);
      const path = pathOf(loop, sha256);
      await mkdir(dirname(path), { recursive: true });
      const temporary = `${path}.${randomUUID()}.partial`; // nobody else's, whoever else puts the same bytes now
      try {
        const file = await open(temporary, "wx");
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      return sha256;
    },
    async get(loop, sha256) {
      const bytes = await readFile(pathOf(loop, sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT")
          throw new Fault(
            "not_found",
            `the file ${sha256.slice(0, 12)}… of loop "${loop}" is not in the artifact store`,
          );
        throw error;
      });
      if (sha256Of(bytes) !== sha256)
        throw new Error(`artifact ${sha256} of loop ${loop} does not have the bytes that it was made of`);
      return bytes;
    },
    delete: (loop, sha256) => rm(pathOf(loop, sha256), { force: true }),
    async check() {
      const path = join(root, `.check-${randomUUID()}`);
      try {
        await mkdir(root, { recursive: true });
        await writeFile(path, "written");
        if ((await readFile(path, "utf8")) !== "written") throw new Error("what was written is not what is read");
      } catch (error) {
        throw new Fault("unavailable", `the artifact folder cannot be used (${(error as Error).message})`, {
          hint: "is it there, has it room, and may this user write to it? RATCHET_ARTIFACTS names it",
          cause: error,
        });
      } finally {
        await rm(path, { force: true }).catch(() => {});
      }
    },
  };
}
