// One band's buckets, as links: each row of a bucket knows the one before it, and whoever is alone in its bucket costs nothing.
import type { Pace } from "./pace.ts";

/** A place that has no row. */
export const NONE = -1;

export interface BucketLinks {
  /** Places of the rows that share a bucket with an earlier one, ascending. */
  readonly places: Uint32Array;
  /** For each of them an earlier one of its bucket: the one right before it, until that one is dropped. */
  readonly before: Int32Array;
}

/**
 * A function that links the rows whose keys are equal, one band after the other. `rows` are indexes of `keys`, and a place is a
 * position in `rows`. It holds 9 to 15 bytes a row, and what it gives 8 a link.
 */
export function createBucketLinker(rows: Uint32Array, pace: Pace): (keys: Uint32Array) => Promise<BucketLinks> {
  const mask = slotsFor(rows.length) - 1;
  /** An open table: the last place seen of each key. */
  const latest = new Int32Array(mask + 1);
  const before = new Int32Array(rows.length);
  return async (keys) => {
    latest.fill(NONE);
    for (let place = 0; place < rows.length; place += 1) {
      const key = keys[rows[place]!]!;
      let slot = key & mask;
      let holder = latest[slot]!;
      while (holder !== NONE && keys[rows[holder]!] !== key) {
        slot = (slot + 1) & mask;
        holder = latest[slot]!;
      }
      before[place] = holder;
      latest[slot] = place;
      if (pace.isOver(1)) await pace.giveWay();
    }
    return linksOf(before);
  };
}

function linksOf(before: Int32Array): BucketLinks {
  let count = 0;
  for (const earlier of before) if (earlier !== NONE) count += 1;
  const links = { places: new Uint32Array(count), before: new Int32Array(count) };
  let at = 0;
  for (let place = 0; place < before.length; place += 1) {
    if (before[place] === NONE) continue;
    links.places[at] = place;
    links.before[at++] = before[place]!;
  }
  return links;
}

/** The nearest earlier row of the bucket that still stays. Links past those that do not are shortened, so that each is passed once. */
export function keptBefore(links: BucketLinks, place: number, isDropped: (place: number) => boolean): number {
  const link = linkOf(links, place);
  if (link === NONE) return NONE;
  let earlier = links.before[link]!;
  while (earlier !== NONE && isDropped(earlier)) {
    const next = linkOf(links, earlier);
    earlier = next === NONE ? NONE : links.before[next]!;
  }
  links.before[link] = earlier;
  return earlier;
}

/** Which of the links is that of a place; NONE when it has none. */
function linkOf({ places }: BucketLinks, place: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return places[low] === place ? low : NONE;
}

/** A power of two of which at most three quarters are taken. */
function slotsFor(rows: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, (rows * 4) / 3)));
}
