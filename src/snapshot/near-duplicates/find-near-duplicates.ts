// Drops near-copies, so that what many people asked in nearly the same words is not learned by heart.
//
// The work goes by places, not by rows: place 0 has the row of the most worth. Place by place each row is compared with those
// before it that stay and share a band with it. Hence
//   1. a row is dropped for one that stays and is worth more;
//   2. it is dropped only where the likeness of the two texts reaches the threshold, whatever their keys say;
//   3. the outcome depends on the order of worth, the texts and the threshold, and on nothing else.
import { BANDS } from "./band-keys.ts";
import { type BucketLinks, createBucketLinker, keptBefore, NONE } from "./bucket-links.ts";
import { likeness } from "./comparable.ts";
import { createPace } from "./pace.ts";
import { createReading, type Texts } from "./reading.ts";
import { rivalsOf } from "./rivals.ts";

export interface NearDuplicateSearch {
  /** Indexes of rows, each once, the one of the most worth first: of near-copies the earliest stays. */
  readonly rows: Uint32Array;
  /** The keys of one band (0 to 19) by index of row. Asked for one after the other, and let go. */
  readonly band: (band: number) => Uint32Array | Promise<Uint32Array>;
  /** Texts by index of row, in the order asked, at most 128 at a time. The longest is held whole only until it is cut. */
  readonly texts: Texts;
  /** The likeness from which two rows are near-copies, above 0 and up to 1. What is found below .8: `BANDS`. */
  readonly threshold: number;
  /** Told which share of the work is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** When it is aborted the search ends at its next turn, by the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface NearDuplicates {
  /** For each place in `rows` the row that it is a near-copy of, which stays; -1 where the row itself stays. */
  readonly duplicateOf: Int32Array;
  readonly dropped: number;
  /** Rows that stay though there were more candidates than are compared. */
  readonly cutShort: number;
}

/** Rows whose texts are read together. */
const ROWS_AT_A_TIME = 64;

/**
 * Finds near-copies among many rows. No row is dropped for a near-copy that it is not. Missed is a pair that shares no band (at a
 * likeness of .8 two in a thousand), and, where more than 64 rows that stay share a bucket, as rows of one template may, a pair
 * that lies further apart in every bucket that it shares, or has 64 others that share more bands: such rows are counted.
 *
 * Memory: 9 to 15 bytes a row, the keys of one band, and 8 bytes for each key that a row shares with one before it: some 13 a
 * row where three in ten are near-copies, 160 at the very most. Of the texts, 512 are kept.
 */
export async function findNearDuplicates(search: NearDuplicateSearch): Promise<NearDuplicates> {
  const { rows, band, texts, threshold, onProgress, signal } = search;
  const pace = createPace(signal);
  const bands = await linkBands();
  const reading = createReading(rows, texts, pace);
  const duplicateOf = new Int32Array(rows.length).fill(NONE);
  const isDropped = (place: number) => duplicateOf[place] !== NONE;
  let dropped = 0;
  let cutShort = 0;
  for (const places of linkedPlaces(bands, rows.length)) {
    await pace.giveWay();
    await reading.ahead(places.flatMap((place) => [place, ...nearestRivals(place)]));
    for (const place of places) {
      const rivals = rivalsOf(place, bands, isDropped);
      const original = await nearCopyAmong(place, rivals.places);
      if (original !== NONE) {
        duplicateOf[place] = rows[original]!;
        dropped += 1;
      } else if (rivals.cutShort) cutShort += 1;
    }
    onProgress?.((1 + places.at(-1)! / rows.length) / 2);
  }
  onProgress?.(1);
  return { duplicateOf, dropped, cutShort };

  async function linkBands(): Promise<BucketLinks[]> {
    const linked: BucketLinks[] = [];
    const link = createBucketLinker(rows, pace);
    for (let index = 0; index < BANDS; index += 1) {
      await pace.giveWay();
      linked.push(await link(await band(index)));
      onProgress?.((index + 1) / BANDS / 2);
    }
    return linked;
  }

  /** Those that it is likely to be compared with, as far as that is known before the rows just before it are decided. */
  function nearestRivals(place: number): number[] {
    return bands.map((links) => keptBefore(links, place, isDropped)).filter((rival) => rival !== NONE);
  }

  async function nearCopyAmong(place: number, rivals: readonly number[]): Promise<number> {
    for (const rival of rivals) {
      const [one, other] = [await reading.of(place), await reading.of(rival)];
      if (likeness(one, other) >= threshold) return rival;
      if (pace.isOver(one.head.length + other.head.length)) await pace.giveWay();
    }
    return NONE;
  }
}

/** In order, some at a time, the places that share a bucket with an earlier one. All others stay. */
function* linkedPlaces(bands: readonly BucketLinks[], rows: number): Generator<number[]> {
  const linked = new Uint8Array(rows);
  for (const { places } of bands) for (const place of places) linked[place] = 1;
  let some: number[] = [];
  for (let place = linked.indexOf(1); place !== NONE; place = linked.indexOf(1, place + 1)) {
    some.push(place);
    if (some.length < ROWS_AT_A_TIME) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
