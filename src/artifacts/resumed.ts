// Reads a long body over a network that drops connections: goes on where the last one ended.
import { Readable } from "node:stream";

/** How often in a row a body may break off without a byte more. */
const TRIES = 4;

/**
 * The bytes of `body`; when it breaks off after n bytes, those that `from(n)` gives follow. Fails with what `fault` makes of
 * the error when the connection broke four times in a row without a byte, or when `from` fails.
 */
export function resumed(
  body: Readable,
  from: (offset: number) => Promise<Readable>,
  { fault, signal }: { fault: (error: unknown) => unknown; signal: AbortSignal | undefined },
): Readable {
  let current = body;
  async function* bytes(): AsyncGenerator<Buffer> {
    let offset = 0;
    for (let broken = 0; ; ) {
      try {
        for await (const part of current as AsyncIterable<Buffer>) {
          offset += part.length;
          broken = 0;
          yield part;
        }
        return;
      } catch (error) {
        broken++;
        if (signal?.aborted || broken >= TRIES) throw fault(error);
      }
      current = await from(offset);
    }
  }
  const stream = Readable.from(bytes(), { objectMode: false });
  stream.once("close", () => current.destroy()); // also when nobody has read a byte
  return stream;
}
