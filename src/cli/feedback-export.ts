// Streams the export to standard output or into a file; a file that breaks off is not left behind as if it were whole.
import { once } from "node:events";
import { open, rename, rm } from "node:fs/promises";
import { Fault } from "../domain/fault.ts";
import { chosenLoop } from "./chosen-loop.ts";
import type { Context } from "./context.ts";
import { counted, figure } from "./terminal/figures.ts";

const LINE_FEED = 10;

/** Writes the export to `file`, else to standard output. Throws a Fault when it breaks off or cannot be written. */
export async function exportFeedback(context: Context, file: string | undefined): Promise<void> {
  const source = await context
    .api()
    .stream("/api/feedback/export", { loop: await chosenLoop(context), format: "openai" });
  if (file === undefined) {
    await pass(source, async (chunk) => {
      if (!context.out.write(chunk)) await once(context.out, "drain");
    });
    return;
  }
  const partial = `${file}.partial`;
  const handle = await open(partial, "w", 0o600).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  try {
    const done = await pass(source, async (chunk) => {
      await handle.writeFile(chunk).catch((error: unknown) => {
        throw unwritable(file, error);
      });
    });
    await handle.close();
    await rename(partial, file);
    context.print({ file, ...done }, () => [
      `${counted(done.examples, "example")} written to ${file} (${figure(done.bytes)} bytes).`,
    ]);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

async function pass(
  source: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<{ examples: number; bytes: number }> {
  const done = { examples: 0, bytes: 0 };
  const chunks = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw new Fault("upstream", `the export broke off after ${counted(done.examples, "example")}`, {
        hint: "is the server still there? start the export again",
        cause: error,
      });
    });
    if (next.done === true) return done;
    for (const byte of next.value) if (byte === LINE_FEED) done.examples++;
    done.bytes += next.value.byteLength;
    await write(next.value);
  }
}

function unwritable(file: string, error: unknown): Fault {
  return new Fault("invalid", `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`, {
    hint: "name a file in a folder that is there and that you may write to",
  });
}
