// A real S3 server on this machine, with its files in a folder of its own.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";

export const BUCKET = "artifacts";

export interface S3Server {
  readonly endpoint: string;
  readonly port: number;
  /** Keys of whole objects below a prefix. */
  keys(prefix: string): string[];
  /** Where an object's bytes are on the disk. */
  pathOf(key: string): string;
  close(): Promise<void>;
}

/** Starts one. The SDK looks for credentials in the environment, so they are put there. */
export async function startS3Server(): Promise<S3Server> {
  process.env.AWS_ACCESS_KEY_ID = "S3RVER"; // the only ones that it knows
  process.env.AWS_SECRET_ACCESS_KEY = "S3RVER";
  const directory = mkdtempSync(join(tmpdir(), "ratchet-s3-"));
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  const { port } = await server.run();
  const root = join(directory, BUCKET);
  const files = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    keys: (prefix) =>
      files()
        .filter((file) => file.startsWith(prefix) && file.endsWith("._S3rver_object"))
        .map((file) => file.slice(0, -"._S3rver_object".length)),
    pathOf: (key) => join(root, `${key}._S3rver_object`),
    async close() {
      const closed = server.close();
      (server as unknown as { httpServer: Server }).httpServer.closeAllConnections(); // the SDK keeps its own open
      await closed;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
