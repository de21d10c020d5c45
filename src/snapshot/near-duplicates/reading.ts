// Reads the texts that are compared: many at a time, and those needed again only once, within bounds.
import { type Comparable, comparable } from "./comparable.ts";
import type { Pace } from "./pace.ts";

/** Texts asked for at a time. */
const AT_A_TIME = 128;

/** Texts kept, of 128 KB each at most: those used last. */
const KEPT = 512;

export type Texts = (rows: readonly number[]) => readonly string[] | Promise<readonly string[]>;

export interface Reading {
  /** Reads ahead what will be needed next. */
  ahead(places: Iterable<number>): Promise<void>;
  of(place: number): Promise<Comparable>;
}

/** Reads by places in `rows`. */
export function createReading(rows: Uint32Array, texts: Texts, pace: Pace): Reading {
  const kept = new Map<number, Comparable>();
  return {
    async ahead(places) {
      const missing = [...new Set(places)].filter((place) => !kept.has(place));
      for (let from = 0; from < missing.length; from += AT_A_TIME) {
        await pace.giveWay();
        await read(missing.slice(from, from + AT_A_TIME));
      }
    },
    async of(place) {
      if (!kept.has(place)) await read([place]);
      const text = kept.get(place)!;
      keep(place, text);
      return text;
    },
  };

  async function read(places: readonly number[]): Promise<void> {
    const read = await texts(places.map((place) => rows[place]!));
    if (read.length !== places.length)
      throw new Error(`${places.length} texts were asked for, and ${read.length} came`);
    for (const [index, place] of places.entries()) keep(place, comparable(read[index]!));
  }

  /** As the one used last; the one used longest ago goes. */
  function keep(place: number, text: Comparable): void {
    kept.delete(place);
    kept.set(place, text);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  }
}
