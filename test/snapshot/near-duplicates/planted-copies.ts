// Texts of which some are near-copies of others, by a seed; and the plainest way to say how alike two texts are.
import { normalise } from "../../../src/snapshot/normalise.ts";
import { chance } from "../row.ts";

export interface PlantedCopies {
  readonly texts: readonly string[];
  /** For each text the one that it was copied from, a nearer or farther one before or behind it; -1 for an original. */
  readonly copiedFrom: readonly number[];
}

const WORDS = 5_000;

/** A copy has another word for one word at least, and for up to one in so many: at most of them the likeness is some .75. */
const WORDS_A_CHANGE = 13;

/** `count` texts of `length` characters, of which 30 in 100 are near-copies. */
export function plantCopies(count: number, length: number, seed: number): PlantedCopies {
  const random = chance(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const words = Array.from({ length: WORDS }, () => wordOf(3 + below(7), random));
  // As in every language, some words are far more frequent than others.
  const word = () => words[Math.floor(WORDS * random() ** 3)]!;
  const copiedFrom = Array.from({ length: count }, () => (random() < 0.3 ? below(count) : -1));
  const isOriginal = (index: number) => copiedFrom[index] === -1;
  for (const [index, from] of copiedFrom.entries()) if (from !== -1 && !isOriginal(from)) copiedFrom[index] = -1;
  const originals = copiedFrom.map((from) => (from === -1 ? textOf(length, word) : ""));
  const texts = copiedFrom.map((from, index) => {
    if (from === -1) return originals[index]!;
    const parts = originals[from]!.split(" ");
    const most = Math.round(parts.length / WORDS_A_CHANGE);
    for (let changes = 1 + below(Math.max(1, most)); changes > 0; changes -= 1) parts[below(parts.length)] = word();
    return parts.join(" ");
  });
  return { texts, copiedFrom };
}

/** Jaccard's share by sets of strings: slow, and plain enough to be believed. */
export function plainLikeness(one: string, other: string): number {
  return shareOf(gramsOf(one), gramsOf(other));
}

export function gramsOf(text: string): Set<string> {
  const whole = normalise(text);
  return new Set(Array.from({ length: Math.max(0, whole.length - 4) }, (_, at) => whole.slice(at, at + 5)));
}

export function shareOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let both = 0;
  for (const gram of one) if (other.has(gram)) both += 1;
  return both / (one.size + other.size - both);
}

function textOf(length: number, word: () => string): string {
  let text = word();
  while (text.length < length) text += ` ${word()}`;
  return text.slice(0, length);
}

function wordOf(length: number, random: () => number): string {
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(26 * random()))).join("");
}
