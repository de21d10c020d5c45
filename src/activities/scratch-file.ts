// A scratch file on the worker's own disk; nobody else reads it, and it is gone with its folder.
import { open } from "node:fs/promises";
import type { Place } from "../snapshot/ledger.ts";
import type { Scratch } from "../snapshot/scratch.ts";

const BUFFER = 4 * 2 ** 20;
/** Places no further apart are read in one go. */
const GAP = 64 * 2 ** 10;

export interface ScratchFile extends Scratch {
  close(): Promise<void>;
}

export async function openScratchFile(path: string): Promise<ScratchFile> {
  const file = await open(path, "wx+");
  let waiting: Buffer[] = [];
  let written = 0;
  let end = 0;

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const block = Buffer.concat(waiting);
    waiting = [];
    for (let from = 0; from < block.length; ) {
      const { bytesWritten } = await file.write(block, from, block.length - from, written);
      from += bytesWritten;
      written += bytesWritten;
    }
  }

  async function stretch(start: number, length: number): Promise<Buffer> {
    const block = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read(block, 0, length, start);
    if (bytesRead !== length) throw new Error(`the scratch file ends ${length - bytesRead} bytes early`);
    return block;
  }

  return {
    append(text) {
      const bytes = Buffer.from(text);
      waiting.push(bytes);
      const place = { start: end, length: bytes.length };
      end += bytes.length;
      return place;
    },
    async read(places) {
      await flush();
      const texts: string[] = [];
      for (let from = 0; from < places.length; ) {
        const to = endOfRun(places, from);
        const { start } = places[from]!;
        const last = places[to - 1]!;
        const block = await stretch(start, last.start + last.length - start);
        for (const place of places.slice(from, to))
          texts.push(block.toString("utf8", place.start - start, place.start - start + place.length));
        from = to;
      }
      return texts;
    },
    flush,
    close: () => file.close(),
  };
}

/** Places that follow one another closely enough to be read together: from `from` to before the returned one. */
function endOfRun(places: readonly Place[], from: number): number {
  const { start } = places[from]!;
  let to = from + 1;
  for (; to < places.length; to++) {
    const [before, place] = [places[to - 1]!, places[to]!];
    const gap = place.start - (before.start + before.length);
    if (gap < 0 || gap > GAP || place.start + place.length - start > BUFFER) break;
  }
  return to;
}
