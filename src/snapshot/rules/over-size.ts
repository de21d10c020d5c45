// Keeps a training file within what a trainer takes: the best that fit.

/** The rows of `order`, the better first, that do not fit into `maxBytes` together with those before them. */
export function overSize(order: Iterable<number>, bytesOf: (row: number) => number, maxBytes: number): number[] {
  let room = maxBytes;
  const over: number[] = [];
  for (const row of order) {
    const bytes = bytesOf(row);
    if (bytes > room) over.push(row);
    else room -= bytes;
  }
  return over;
}
