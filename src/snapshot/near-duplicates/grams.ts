// Cuts texts into the overlapping pieces that their likeness is counted by.
import { endianness } from "node:os";

/** UTF-16 units in a gram. Broder's shingles (1997), of letters rather than words: they serve every script. */
export const GRAM = 5;

const BASE = 0x9e3779b1;
const LEAVING = Math.imul(Math.imul(BASE, BASE), Math.imul(BASE, BASE));

/** A text's UTF-16 units from `at` on. `into` must begin at an even place of its buffer, as a fresh array does. */
export function writeUnits(text: string, into: Uint16Array, at = 0): void {
  const bytes = Buffer.from(into.buffer, into.byteOffset + at * 2, text.length * 2);
  bytes.write(text, "utf16le");
  if (endianness() === "BE") bytes.swap16();
}

/** How many grams so many units have, those that come twice counted twice; fewer than five have none. */
export function countGrams(length: number): number {
  return Math.max(0, length - GRAM + 1);
}

/**
 * Hashes of the grams of `length` units from `start` on, into `into` from `at` on. A polynomial modulo 2^32 rolls from gram to
 * gram (Karp and Rabin 1987), and its bits are spread.
 */
export function hashGrams(units: Uint16Array, start: number, length: number, into: Int32Array, at = 0): void {
  let rolling = 0;
  const first = Math.min(GRAM - 1, length);
  for (let unit = 0; unit < first; unit += 1) rolling = (Math.imul(rolling, BASE) + units[start + unit]!) | 0;
  const grams = countGrams(length);
  for (let gram = 0; gram < grams; gram += 1) {
    rolling = (Math.imul(rolling, BASE) + units[start + gram + GRAM - 1]!) | 0;
    into[at + gram] = spread(rolling);
    rolling = (rolling - Math.imul(units[start + gram]!, LEAVING)) | 0;
  }
}

/** Each bit changes each bit of the outcome half the time, and no two numbers meet: the finaliser of MurmurHash3 (Appleby 2011). */
export function spread(number: number): number {
  let mixed = number;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
