// Which rows one row is compared with: those that share a band with it and still stay, within bounds.
import { type BucketLinks, keptBefore, NONE } from "./bucket-links.ts";

/** Rows of one bucket that are looked at, the nearest in worth first: thousands may share one by a template. */
const RIVALS_IN_A_BUCKET = 64;

/** Rows that are compared in all. */
const MOST_RIVALS = 64;

export interface Rivals {
  /** Those that share the most bands first, of these the ones of most worth. */
  readonly places: readonly number[];
  /** Whether there were more. */
  readonly cutShort: boolean;
}

export function rivalsOf(place: number, bands: readonly BucketLinks[], isDropped: (place: number) => boolean): Rivals {
  const shared = new Map<number, number>();
  let cutShort = false;
  for (const links of bands) {
    let rival = keptBefore(links, place, isDropped);
    for (let met = 0; rival !== NONE && met < RIVALS_IN_A_BUCKET; met += 1) {
      shared.set(rival, (shared.get(rival) ?? 0) + 1);
      rival = keptBefore(links, rival, isDropped);
    }
    cutShort ||= rival !== NONE;
  }
  const ranked = [...shared].sort(
    ([one, bandsOfOne], [other, bandsOfOther]) => bandsOfOther - bandsOfOne || one - other,
  );
  return {
    places: ranked.slice(0, MOST_RIVALS).map(([rival]) => rival),
    cutShort: cutShort || ranked.length > MOST_RIVALS,
  };
}
