// How alike two texts are, exactly: hashes find what may be equal, and the letters decide.
import { countGrams, GRAM, hashGrams, writeUnits } from "./grams.ts";

/** Places in the table for each gram, at least: looking up stays short. */
const PLACES = 2;
const NOBODY = -1;

// Used again by each call, which ends before the next one begins. It grows with the texts, to 2 MB for two of 65,536 characters.
let scratch = createScratch(1024);

/**
 * The grams that two normalised texts have in common, as a share of those that either has: from 0 to 1 (Jaccard 1912). Each
 * counts once, however often it comes. Texts shorter than a gram are alike only when they are the same, and an empty text is
 * like none, not even another empty one: nobody knows what it stood for.
 */
export function jaccard(one: string, other: string): number {
  if (one.length < GRAM || other.length < GRAM) return one !== "" && one === other ? 1 : 0;
  if (one === other) return 1;
  const length = one.length + other.length;
  if (length > scratch.units.length) scratch = createScratch(powerOfTwo(length));
  const { units, hashes } = scratch;
  writeUnits(one, units);
  writeUnits(other, units, one.length);
  const first = countGrams(one.length);
  const all = first + countGrams(other.length);
  hashGrams(units, 0, one.length, hashes);
  hashGrams(units, one.length, other.length, hashes, first);
  return share(scratch, first, all);
}

/** Of the grams before `first`, which are of one text, and the others, which are of the other. */
function share({ units, hashes, shared, table }: Scratch, first: number, all: number): number {
  const mask = powerOfTwo(all * PLACES) - 1;
  table.fill(NOBODY, 0, mask + 1);
  shared.fill(0, 0, first);
  let either = 0;
  let both = 0;
  for (let gram = 0; gram < all; gram += 1) {
    const hash = hashes[gram]!;
    let slot = hash & mask;
    let holder = table[slot]!;
    while (
      holder !== NOBODY &&
      !(hashes[holder] === hash && isSame(units, unitOf(holder, first), unitOf(gram, first)))
    ) {
      slot = (slot + 1) & mask;
      holder = table[slot]!;
    }
    if (holder === NOBODY) {
      table[slot] = gram;
      either += 1;
    } else if (gram >= first && holder < first && shared[holder] === 0) {
      shared[holder] = 1;
      both += 1;
    }
  }
  return both / either;
}

/** Where a gram begins: between the last one of the first text and the first one of the second lie the units that end the first. */
function unitOf(gram: number, first: number): number {
  return gram < first ? gram : gram + GRAM - 1;
}

function isSame(units: Uint16Array, at: number, otherAt: number): boolean {
  for (let unit = 0; unit < GRAM; unit += 1) if (units[at + unit] !== units[otherAt + unit]) return false;
  return true;
}

type Scratch = ReturnType<typeof createScratch>;

function createScratch(length: number) {
  return {
    units: new Uint16Array(length),
    hashes: new Int32Array(length),
    shared: new Uint8Array(length),
    table: new Int32Array(length * PLACES),
  };
}

/** The least power of two that is no less. */
function powerOfTwo(number: number): number {
  return 2 ** Math.ceil(Math.log2(number));
}
