// Removes near-copies: what many people asked in nearly the same words.
import type { Ledger } from "../ledger.ts";
import { findNearDuplicates } from "../near-duplicates/find-near-duplicates.ts";

/** The rows of `order`, the better first, that are near-copies of one that stays. */
export async function nearCopies(
  ledger: Ledger,
  order: Uint32Array,
  threshold: number,
  gists: (rows: readonly number[]) => Promise<string[]>,
  signal?: AbortSignal,
): Promise<number[]> {
  const { duplicateOf } = await findNearDuplicates({
    rows: order,
    band: ledger.band,
    texts: gists,
    threshold,
    ...(signal === undefined ? {} : { signal }),
  });
  return Array.from(order).filter((_, place) => duplicateOf[place] !== -1);
}
