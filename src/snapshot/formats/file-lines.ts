// The lines of a file that comes in pieces, however large it is: no more than one of them is held.
import { setImmediate } from "node:timers/promises";

const NEWLINE = 0x0a;
/** Bytes of lines between two turns of others, some milliseconds of whoever reads them: a piece may hold thousands of lines. */
const TURN = 65_536;

export interface FileLine {
  /** Without its newline; null where it is not UTF-8. */
  readonly text: string | null;
  /** The newline included. */
  readonly bytes: number;
}

/** The lines in their order; timers and sockets get their turn between them. A newline byte is never part of another character. */
export async function* fileLines(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<FileLine, void> {
  let begun: Uint8Array[] = [];
  let sinceTurn = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      begun.push(piece.subarray(start, end));
      const line = decoded(begun, 1);
      yield line;
      begun = [];
      start = end + 1;
      sinceTurn += line.bytes;
      if (sinceTurn < TURN) continue;
      sinceTurn = 0;
      await setImmediate();
    }
    // A copy: whoever gives the pieces may use their memory again.
    if (start < piece.length) begun.push(new Uint8Array(piece.subarray(start)));
  }
  if (begun.length > 0) yield decoded(begun, 0);
}

function decoded(pieces: readonly Uint8Array[], newline: number): FileLine {
  const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  const bytes = whole.length + newline;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(whole), bytes };
  } catch {
    return { text: null, bytes };
  }
}
