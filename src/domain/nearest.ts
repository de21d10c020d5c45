// "Did you mean …?" for names that people type.

/** The candidate with the smallest edit distance to `name`, when it is near enough to be a slip of the hand. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  let best: { name: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (best === null || distance < best.distance) best = { name: candidate, distance };
  }
  return best !== null && best.distance <= Math.max(2, Math.floor(name.length / 2)) ? best.name : null;
}

/** The candidate that `name` is, but for its case or one letter; null when it is none of them, or one of them exactly. */
export function slipOf(name: string, candidates: readonly string[]): string | null {
  if (candidates.includes(name)) return null;
  const near = (candidate: string) => editDistance(name.toLowerCase(), candidate.toLowerCase());
  return candidates.find((candidate) => near(candidate) === 0 || (name.length > 3 && near(candidate) === 1)) ?? null;
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[right.length]!;
}
