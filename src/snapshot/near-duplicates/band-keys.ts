// Sums a text up in twenty numbers, of which near-copies share some: that finds them without comparing each with each.
import { headOf, READ } from "./comparable.ts";
import { createDensifier } from "./densify.ts";
import { countGrams, GRAM, hashGrams, spread, writeUnits } from "./grams.ts";

/**
 * Texts of likeness s agree in a band with a probability of s^6, and in at least one of twenty with 1 - (1 - s^6)^20: .98 at
 * .75, .998 at .8, next to 1 above; .92 at .7, .62 at .6 (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4.2).
 * Texts of likeness .1, as strangers are, agree in one 2 times in 100,000: with fewer minima, far more pairs would have to be
 * compared; with more, near-copies would be missed.
 */
export const BANDS = 20;
const MINIMA = 6;
const BINS = BANDS * MINIMA;

/** Stands for: no gram has fallen into this bin. One hash in four thousand million is this number too, and counts for nothing. */
const EMPTY = 0x7fffffff;

const densify = createDensifier(BINS, EMPTY);

// Used again by each call, which ends before the next one begins.
const units = new Uint16Array(READ);
const hashes = new Int32Array(READ);
const minima = new Int32Array(BINS);

/**
 * The keys of a text's twenty bands, 32 bits each, the same on every machine: MinHash (Broder 1997) over the grams of the
 * normalised text, by one permutation: a gram's hash says which bin it falls into, and each bin keeps its least (Li, Owen and
 * Zhang 2012). Of a long text the first 65,536 characters count; one shorter than a gram has the keys of itself alone.
 */
export function bandKeys(text: string): Uint32Array {
  const head = headOf(text);
  writeUnits(head, units);
  // What stands behind a short text fills it up to a gram.
  units.fill(0, head.length, GRAM);
  const length = head === "" ? 0 : Math.max(head.length, GRAM);
  hashGrams(units, 0, length, hashes);
  findMinima(countGrams(length));
  densify(minima);
  const keys = new Uint32Array(BANDS);
  for (let band = 0; band < BANDS; band += 1) {
    let key = 0;
    for (let bin = band * MINIMA; bin < (band + 1) * MINIMA; bin += 1) key = spread(key ^ minima[bin]!);
    keys[band] = key;
  }
  return keys;
}

function findMinima(grams: number): void {
  minima.fill(EMPTY);
  for (let gram = 0; gram < grams; gram += 1) {
    const hash = hashes[gram]!;
    const bin = ((hash >>> 16) * BINS) >>> 16;
    if (hash < minima[bin]!) minima[bin] = hash;
  }
}

/** As they are kept: 80 bytes, the least significant of each key first, whatever the machine. */
export function bandsToBytes(keys: Uint32Array): Buffer {
  const bytes = Buffer.allocUnsafe(BANDS * 4);
  for (let band = 0; band < BANDS; band += 1) bytes.writeUInt32LE(keys[band]!, band * 4);
  return bytes;
}

/** The keys of what `bandsToBytes` gave; throws a RangeError where the bytes are fewer. */
export function bandsFromBytes(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: BANDS }, (_, band) => bytes.readUInt32LE(band * 4));
}
