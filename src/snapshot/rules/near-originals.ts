// Finds near-copies: what many people asked in nearly the same words.
import type { Ledger } from "../ledger.ts";
import { findNearDuplicates } from "../near-duplicates/find-near-duplicates.ts";

/** The rows of `order`, the better first, that are near-copies, each with the one that it is a copy of. */
export async function nearOriginals(
  ledger: Ledger,
  order: Uint32Array,
  threshold: number,
  gists: (rows: readonly number[]) => Promise<string[]>,
  signal?: AbortSignal,
): Promise<Map<number, number>> {
  const { duplicateOf } = await findNearDuplicates({
    rows: order,
    band: ledger.band,
    texts: gists,
    threshold,
    ...(signal === undefined ? {} : { signal }),
  });
  const originals = new Map<number, number>();
  for (const [place, original] of duplicateOf.entries()) if (original !== -1) originals.set(order[place]!, original);
  return originals;
}
