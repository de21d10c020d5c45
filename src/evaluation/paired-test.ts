// Compares two models on the same cases: an exact test of who wins, and an interval for by how much.

/** Draws numbers in [0, 1) from a seed (mulberry32): the same seed, the same interval. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The probability of at least `hits` heads in `hits + misses` throws of a fair coin: McNemar's exact test, one-sided
 * (McNemar, Psychometrika 12, 1947), which on graded scores is the sign test. 1 when nothing differs.
 */
export function exactTail(hits: number, misses: number): number {
  const throws = hits + misses;
  let logProbability = -throws * Math.LN2;
  let tail = 0;
  // From `throws` heads downwards: C(n, k−1) = C(n, k)·k/(n−k+1), in logarithms, since C(n, n/2) overflows beyond 1,000.
  for (let heads = throws; heads >= hits; heads -= 1) {
    tail += Math.exp(logProbability);
    logProbability += Math.log(heads) - Math.log(throws - heads + 1);
  }
  return Math.min(1, tail);
}

/**
 * The middle 95 % of the mean difference over resampled cases (percentile bootstrap; Efron, Annals of Statistics 7, 1979).
 * Null for fewer than two cases, of which it could only say that they are certain.
 */
export function bootstrapInterval(
  differences: readonly number[],
  seed: number,
  resamples = 2_000,
): readonly [number, number] | null {
  const cases = differences.length;
  if (cases < 2) return null;
  const random = seeded(seed);
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let draw = 0; draw < cases; draw += 1) sum += differences[Math.floor(random() * cases)] ?? 0;
    return sum / cases;
  }).sort();
  const quantile = (share: number) => means[Math.round(share * (resamples - 1))] ?? 0;
  return [quantile(0.025), quantile(0.975)];
}
