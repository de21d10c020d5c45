// Removes exact copies, so that what many people asked alike is not learned by heart.
import type { Ledger } from "../ledger.ts";

/** The rows of `order`, the better first, whose fingerprint an earlier one has. */
export function exactCopies(ledger: Ledger, order: Uint32Array): number[] {
  const first = new Map<number, number>();
  const copies: number[] = [];
  for (const row of order) {
    const key = (ledger.fingerprintWord(row, 0) & 0x1fffff) * 2 ** 32 + ledger.fingerprintWord(row, 1);
    const rival = first.get(key);
    if (rival === undefined) first.set(key, row);
    else if (isSame(ledger, row, rival)) copies.push(row);
  }
  return copies;
}

function isSame(ledger: Ledger, row: number, other: number): boolean {
  return [0, 1, 2, 3].every((part) => ledger.fingerprintWord(row, part) === ledger.fingerprintWord(other, part));
}
