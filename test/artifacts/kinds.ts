// The two kinds of store, opened alike, with a look behind the port.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Artifacts, openArtifacts } from "../../src/artifacts/artifacts.ts";
import { folderShelf } from "../../src/artifacts/folder-shelf.ts";
import { s3Shelf } from "../../src/artifacts/s3-shelf.ts";
import type { Shelf } from "../../src/artifacts/shelf.ts";
import { parseArtifactAddress } from "../../src/domain/artifact-address.ts";
import { BUCKET, startS3Server } from "./s3-server.ts";

export interface Kind {
  readonly address: string;
  readonly artifacts: Artifacts;
  readonly shelf: Shelf;
  /** Names of everything that a loop has, half-made things included where they can be seen. */
  names(loop: string): string[];
  /** What stands under a name, without asking the store. */
  peek(name: string): Buffer;
  /** Puts other bytes under a name that is there, behind the store's back. */
  spoil(name: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}

export const KINDS = { "in a folder": inFolder, "in S3": inS3 } as const;

async function inFolder(): Promise<Kind> {
  const root = mkdtempSync(join(tmpdir(), "ratchet-kinds-"));
  const pathOf = (name: string) => join(root, name);
  return {
    address: root,
    artifacts: openArtifacts(root),
    shelf: folderShelf(root),
    names: (loop) =>
      !existsSync(pathOf(loop))
        ? []
        : readdirSync(pathOf(loop), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    peek: (name) => readFileSync(pathOf(name)),
    spoil: (name, bytes) => {
      mkdirSync(dirname(pathOf(name)), { recursive: true });
      writeFileSync(pathOf(name), bytes);
    },
    close: async () => rmSync(root, { recursive: true, force: true }),
  };
}

async function inS3(): Promise<Kind> {
  const server = await startS3Server();
  const address = `s3://${BUCKET}/some/where?endpoint=${server.endpoint}&region=us-east-1&pathStyle=true`;
  const place = parseArtifactAddress(address);
  if (place.kind !== "s3") throw new Error("not an address of a bucket");
  const keyOf = (name: string) => `some/where/${name}`;
  return {
    address,
    artifacts: openArtifacts(address),
    shelf: s3Shelf(place),
    names: (loop) => server.keys(keyOf(`${loop}/`)).map((key) => key.slice("some/where/".length)),
    peek: (name) => readFileSync(server.pathOf(keyOf(name))),
    spoil: (name, bytes) => writeFileSync(server.pathOf(keyOf(name)), bytes),
    close: () => server.close(),
  };
}
