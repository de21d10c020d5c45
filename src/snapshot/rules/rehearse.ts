// Chooses which older examples to repeat, so that a model does not forget: as many of each action as there are, by chance
// that the seed settles.
import { hash53, type Ledger } from "../ledger.ts";

/**
 * Of `old` rows, about `share` of a set whose other part is `fresh` rows: stratified by action (largest remainders), within
 * an action those with the smallest hash of seed and id. So the same examples are rehearsed while nothing is added.
 */
export function rehearsed(ledger: Ledger, old: Uint32Array, fresh: number, share: number, seed: string): Set<number> {
  const wanted = Math.min(old.length, Math.ceil((share / (1 - share)) * fresh));
  const strata = Map.groupBy(old, ledger.action);
  const chosen = new Set<number>();
  for (const [action, count] of allot(wanted, strata)) {
    const byChance = strata.get(action)!.map((row) => ({ row, chance: hash53(`${seed}\n${ledger.id(row)}`) }));
    byChance.sort((a, b) => a.chance - b.chance || a.row - b.row);
    for (const { row } of byChance.slice(0, count)) chosen.add(row);
  }
  return chosen;
}

/** How many each stratum gives, in proportion to its size: whole numbers that add up to `wanted`. */
function allot(wanted: number, strata: ReadonlyMap<number, readonly number[]>): Map<number, number> {
  const all = [...strata.values()].reduce((sum, rows) => sum + rows.length, 0);
  const shares = [...strata].map(([action, rows]) => {
    const exact = all === 0 ? 0 : (wanted * rows.length) / all;
    return { action, whole: Math.floor(exact), rest: exact - Math.floor(exact) };
  });
  let left = wanted - shares.reduce((sum, { whole }) => sum + whole, 0);
  shares.sort((a, b) => b.rest - a.rest || a.action - b.action);
  return new Map(shares.map(({ action, whole }) => [action, whole + (left-- > 0 ? 1 : 0)]));
}
