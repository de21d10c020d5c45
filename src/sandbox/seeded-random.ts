// Chance that can be repeated: the corpus, the choice of base examples and shuffled labels go by a seed.

/** Numbers from 0 up to 1 (1 excluded), the same ones for the same seed. An additive counter through a 32-bit mixer. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
}

/** One of the items, all equally likely. The list must not be empty. */
export function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)]!;
}

/** One of the items, an earlier one likelier: the nth has the weight 1/n², as people have favourite phrases. */
export function pickEarly<Item>(items: readonly Item[], random: () => number): Item {
  const weights = items.map((_, index) => 1 / (index + 1) ** 2);
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return items[index]!;
  }
  return items.at(-1)!;
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other]!, copy[last]!];
  }
  return copy;
}
