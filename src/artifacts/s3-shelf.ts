// A shelf in a bucket of an S3-compatible store. The store shows an object only when all of it is there.
import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { BucketAddress } from "../domain/artifact-address.ts";
import { Fault } from "../domain/fault.ts";
import { resumed } from "./resumed.ts";
import { connectS3, type Patience, type S3Connection, type Sdk, USUAL_PATIENCE } from "./s3-client.ts";
import { isMissing, s3Fault } from "./s3-fault.ts";
import type { Shelf } from "./shelf.ts";

/** A part of a large file (bytes); four are on their way at a time. With at most 10,000 parts, a file may have 78 GiB. */
const PART = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 4;
/** For how long a store that could be written and read counts as well (milliseconds): `/readyz` may be asked every second. */
const STAYS_WELL = 30_000;

/** Names are keys below the address's prefix. Nothing is sent before the first call. */
export function s3Shelf(address: BucketAddress, patience: Patience = USUAL_PATIENCE): Shelf {
  let connecting: Promise<S3Connection> | undefined;
  const connection = () => (connecting ??= connectS3(address, patience));
  let wellUntil = 0;
  const at = (name: string) => ({
    Bucket: address.bucket,
    Key: address.prefix === "" ? name : `${address.prefix}/${name}`,
  });
  async function told<T>(work: (connection: S3Connection) => Promise<T>): Promise<T> {
    const connected = await connection();
    try {
      return await work(connected);
    } catch (error) {
      throw s3Fault(error, address);
    }
  }

  const shelf: Shelf = {
    async put(name, bytes, signal) {
      try {
        await told((connected) => upload(connected, { ...at(name), Body: bytes }, signal));
      } catch (error) {
        throw bytes.errored ?? error; // what its source failed with is not the store's fault
      } finally {
        bytes.destroy();
      }
    },
    async open(name, signal) {
      const from = (offset: number, etag?: string) =>
        told((connected) => download(connected, at(name), { offset, etag, signal }));
      try {
        const { body, etag } = await from(0);
        const rest = async (offset: number) => (await from(offset, etag).catch(goneMeanwhile)).body;
        return resumed(body, rest, { fault: (error) => s3Fault(error, address), signal });
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async has(name) {
      try {
        await told(({ client, sdk }) => client.send(new sdk.HeadObjectCommand(at(name))));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    delete: (name) =>
      told(async ({ client, sdk }) => {
        await client.send(new sdk.DeleteObjectCommand(at(name)));
      }),
    async check() {
      if (performance.now() < wellUntil) return;
      const name = `.check-${randomUUID()}`;
      await shelf.put(name, Readable.from([Buffer.from("written")], { objectMode: false }));
      const stream = await shelf.open(name);
      const read = stream === null ? [] : await stream.toArray();
      await shelf.delete(name);
      if (Buffer.concat(read).toString() !== "written")
        throw s3Fault(new Error("what was written is not what is read"), address);
      wellUntil = performance.now() + STAYS_WELL;
    },
  };
  return shelf;
}

/** What stands under a key, from an offset on, as long as it is still what it was. */
async function download(
  { client, sdk }: S3Connection,
  key: { Bucket: string; Key: string },
  { offset, etag, signal }: { offset: number; etag: string | undefined; signal: AbortSignal | undefined },
): Promise<{ body: Readable; etag: string | undefined }> {
  const rest = offset === 0 ? {} : { Range: `bytes=${offset}-`, ...(etag === undefined ? {} : { IfMatch: etag }) };
  const command = new sdk.GetObjectCommand({ ...key, ...rest });
  const { Body, ETag, $metadata } = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
  const body = Body as Readable;
  if (offset > 0 && $metadata.httpStatusCode !== 206) {
    body.destroy();
    throw new Error("the store began again at the first byte");
  }
  return { body, etag: ETag };
}

/** For a file that was there when its reading began. */
function goneMeanwhile(error: unknown): never {
  if (!isMissing(error)) throw error;
  throw new Fault("unavailable", "the file was gzipped or deleted while it was read over a broken connection", {
    hint: "read it again",
  });
}

/** Uploads in parts; when that fails, the parts are taken away before the error is told. */
async function upload(
  { client, sdk }: S3Connection,
  params: { Bucket: string; Key: string; Body: Readable },
  signal: AbortSignal | undefined,
): Promise<void> {
  // The upload's own way of aborting returns while requests are on their way, and leaves their parts behind. So the signal
  // ends the requests instead, except the one that takes the parts away. When that one fails, what is told is why it was sent.
  type Command = InstanceType<Sdk["UploadPartCommand"]>;
  const heeding: typeof client = Object.assign(Object.create(client), {
    send: (command: Command) =>
      command instanceof sdk.AbortMultipartUploadCommand
        ? client.send(command as Command).catch(() => {})
        : client.send(command, signal === undefined ? {} : { abortSignal: signal }),
  });
  await new sdk.Upload({ client: heeding, params, partSize: PART, queueSize: PARTS_AT_ONCE }).done();
}
