// Keeps any one group from speaking for all: of each, the best up to its share stay.

/**
 * The rows of `order`, the better first, beyond the first `most` of their group. Group 0 is none, and is not bound:
 * what belongs to nobody known is not one person's.
 */
export function beyondShare(order: Uint32Array, groupOf: (row: number) => number, most: number): number[] {
  const counts = new Map<number, number>();
  const beyond: number[] = [];
  for (const row of order) {
    const group = groupOf(row);
    if (group === 0) continue;
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    if (count > most) beyond.push(row);
  }
  return beyond;
}
