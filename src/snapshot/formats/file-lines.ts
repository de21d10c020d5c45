// The lines of a file that comes in pieces, however large it is: no more than one of them is held.
const NEWLINE = 0x0a;

export interface FileLine {
  /** Without its newline; null where it is not UTF-8. */
  readonly text: string | null;
  /** The newline included. */
  readonly bytes: number;
}

/** The lines in their order. A newline byte is never part of another character. */
export async function* fileLines(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<FileLine, void> {
  let begun: Uint8Array[] = [];
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      begun.push(piece.subarray(start, end));
      yield decoded(begun, 1);
      begun = [];
      start = end + 1;
    }
    // A copy: whoever gives the pieces may use their memory again.
    if (start < piece.length) begun.push(piece.slice(start));
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
