// Writes what the API streams to standard output or into a file; a file that breaks off is not left behind as if it were whole.
import { once } from "node:events";
import { open, rename, rm } from "node:fs/promises";
import { Fault } from "../domain/fault.ts";
import type { Context } from "./context.ts";
import { counted } from "./terminal/figures.ts";

const LINE_FEED = 10;

export interface WrittenOut {
  readonly lines: number;
  readonly bytes: number;
}

/** Writes to `file`, else to standard output. Throws a Fault when `what` ("the export") breaks off or cannot be written. */
export async function writeOut(
  { out }: Pick<Context, "out">,
  source: AsyncIterable<Uint8Array>,
  { file, what }: { file: string | undefined; what: string },
): Promise<WrittenOut> {
  if (file === undefined)
    return pass(source, what, async (chunk) => {
      if (!out.write(chunk)) await once(out, "drain");
    });
  const partial = `${file}.partial`;
  const handle = await open(partial, "w", 0o600).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  try {
    const done = await pass(source, what, async (chunk) => {
      await handle.writeFile(chunk).catch((error: unknown) => {
        throw unwritable(file, error);
      });
    });
    await handle.close();
    await rename(partial, file).catch((error: unknown) => {
      throw unwritable(file, error);
    });
    return done;
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

async function pass(
  source: AsyncIterable<Uint8Array>,
  what: string,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<WrittenOut> {
  const done = { lines: 0, bytes: 0 };
  const chunks = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw new Fault("upstream", `${what} broke off after ${counted(done.lines, "line")}`, {
        hint: "is the server still there? start it again",
        cause: error,
      });
    });
    if (next.done === true) return done;
    for (const byte of next.value) if (byte === LINE_FEED) done.lines++;
    done.bytes += next.value.byteLength;
    await write(next.value);
  }
}

function unwritable(file: string, error: unknown): Fault {
  return new Fault("invalid", `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`, {
    hint: "name a file in a folder that is there and that you may write to",
  });
}
