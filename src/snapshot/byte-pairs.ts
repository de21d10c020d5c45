// Counts the tokens of one word: joins its bytes pair by pair, as the encoding does.
import { createRequire } from "node:module";
import type ranked from "gpt-tokenizer/bpeRanks/o200k_base";

/** UTF-16 units of the longest word that is taken whole; joining costs their square. */
export const LONGEST_WORD = 64;

const MOST_BYTES = 3 * LONGEST_WORD;
const NO_PAIR = 0x7fffffff;

/** The rank of each token by its bytes, a character for each byte: the lower it is, the sooner it is joined. */
const ranks = new Map<string, number>();
const tokens: string[] = [];
const byteRanks = new Int32Array(256);

/** Reads the table when a word is counted first: it takes 75 MB, and most processes that know of tokens never count one. */
function load(): void {
  const { default: table } = createRequire(import.meta.url)("gpt-tokenizer/bpeRanks/o200k_base") as {
    default: typeof ranked;
  };
  table.forEach((token, rank) => {
    const bytes = typeof token === "string" ? bytesOf(token) : String.fromCharCode(...token);
    ranks.set(bytes, rank);
    tokens[rank] = bytes;
  });
  for (let byte = 0; byte < 256; byte += 1) byteRanks[byte] = ranks.get(String.fromCharCode(byte))!;
}

// One word at a time is joined, so that these can be shared: the ranks of its parts, and of each part joined with the next.
const parts = new Int32Array(MOST_BYTES);
const joined = new Int32Array(MOST_BYTES);

// Pairs looked up before, each at one place of its own, where a later one takes it: left and right rank, then what they join to.
const PLACES = 1 << 16;
const pairs = new Int32Array(3 * PLACES).fill(-1);

/**
 * Tokens of one word of at most LONGEST_WORD units, by the byte pairs of o200k_base. Its own code since the package's
 * takes 2 to 5 µs a character where it has to join, many times as long, and Chinese is nearly always joined.
 */
export function countBytePairs(word: string): number {
  if (tokens.length === 0) load();
  const bytes = bytesOf(word);
  return ranks.has(bytes) ? 1 : join(bytes);
}

function join(bytes: string): number {
  let count = bytes.length;
  for (let part = 0; part < count; part += 1) parts[part] = byteRanks[bytes.charCodeAt(part)]!;
  for (let part = 0; part < count - 1; part += 1) joined[part] = rankOfPair(parts[part]!, parts[part + 1]!);
  while (count > 1) {
    let lowest = NO_PAIR;
    let at = -1;
    for (let part = 0; part < count - 1; part += 1) {
      const rank = joined[part]!;
      if (rank < lowest) {
        lowest = rank;
        at = part;
      }
    }
    if (at === -1) break;
    parts[at] = lowest;
    parts.copyWithin(at + 1, at + 2, count);
    joined.copyWithin(at + 1, at + 2, count - 1);
    count -= 1;
    if (at < count - 1) joined[at] = rankOfPair(lowest, parts[at + 1]!);
    if (at > 0) joined[at - 1] = rankOfPair(parts[at - 1]!, lowest);
  }
  return count;
}

function rankOfPair(left: number, right: number): number {
  const place = 3 * ((Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 16);
  if (pairs[place] !== left || pairs[place + 1] !== right) {
    pairs[place] = left;
    pairs[place + 1] = right;
    pairs[place + 2] = ranks.get(tokens[left]! + tokens[right]!) ?? NO_PAIR;
  }
  return pairs[place + 2]!;
}

function bytesOf(text: string): string {
  for (let unit = 0; unit < text.length; unit += 1) {
    if (text.charCodeAt(unit) > 127) return Buffer.from(text, "utf8").toString("latin1");
  }
  return text;
}
