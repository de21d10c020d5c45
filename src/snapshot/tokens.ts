// Counts tokens quickly, and within a bound for any text: exactly where it can, by samples beyond that.
import { O200K_TOKEN_SPLIT_REGEX } from "gpt-tokenizer/encodingParams/constants";
import { countBytePairs, LONGEST_WORD } from "./byte-pairs.ts";

/** UTF-16 units that are split into words at once. */
const STRETCH = 4096;

/** Work for one text: a word counts 1, and one that had to be joined its length as well. Plain English of 65,536 tokens stays below. */
const MOST_WORK = 100_000;

const SAMPLES = 16;
const SAMPLE_LENGTH = 512;

/** Counts of words met before. A word of more than 12 units may be a view that keeps its whole text in memory: those are not kept. */
const known = new Map<string, number>();
const MOST_KNOWN = 50_000;
const LONGEST_KNOWN = 12;

/**
 * Tokens of a text in o200k_base, special tokens counted as the plain text that they are. Never throws; the same text always
 * gives the same number, and takes some 30 ms at most.
 *
 * Exact but for these: a word of more than 64 UTF-16 units (a run of one letter, say) is counted in parts, and so is a text with nowhere
 * to part it in 2,048 units, which may differ by a token for each seam; and beyond MOST_WORK, from some 70,000 tokens of English on, sooner
 * for what is no language, the rest is estimated from sixteen samples spread over it, rounded up.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  let work = 0;
  let position = 0;
  while (position < text.length && work < MOST_WORK) {
    const end = seamBefore(text, position + STRETCH, position);
    const count = countStretch(text.slice(position, end));
    tokens += count.tokens;
    work += count.work;
    position = end;
  }
  return position < text.length ? tokens + estimate(text, position) : tokens;
}

function estimate(text: string, from: number): number {
  const rest = text.length - from;
  const length = Math.min(SAMPLE_LENGTH, Math.ceil(rest / SAMPLES));
  let tokens = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const start = from + Math.floor(((rest - length) * sample) / (SAMPLES - 1));
    tokens += countStretch(text.slice(start, start + length)).tokens;
  }
  return Math.ceil((tokens * rest) / (SAMPLES * length));
}

function countStretch(text: string): { tokens: number; work: number } {
  let tokens = 0;
  let work = 0;
  for (const word of text.match(O200K_TOKEN_SPLIT_REGEX) ?? []) {
    const count = countWord(word);
    tokens += count;
    work += count === 1 ? 1 : 1 + word.length * (word.charCodeAt(0) < 0x80 ? 1 : 3);
  }
  return { tokens, work };
}

function countWord(word: string): number {
  if (word.length > LONGEST_KNOWN) return word.length > LONGEST_WORD ? countInParts(word) : countBytePairs(word);
  const before = known.get(word);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const count = countBytePairs(word);
  known.set(word, count);
  return count;
}

function countInParts(word: string): number {
  let tokens = 0;
  for (let start = 0; start < word.length; ) {
    const end = wholeCharacter(word, start + LONGEST_WORD);
    tokens += countBytePairs(word.slice(start, end));
    start = end;
  }
  return tokens;
}

/** The last place up to `latest`, and in the second half of the stretch, where no word of the encoding can go across; `latest` where there is none. */
function seamBefore(text: string, latest: number, start: number): number {
  if (latest >= text.length) return text.length;
  for (let at = latest; at > start + STRETCH / 2; at -= 1) {
    if (isSeam(text.charCodeAt(at - 1), text.charCodeAt(at))) return at;
  }
  return wholeCharacter(text, latest);
}

/** A space after a visible character begins a word, a letter after the end of a line does, and so does a full stop after an ideograph. */
function isSeam(before: number, after: number): boolean {
  if (after === 0x20) return before > 0x20 && before < 0x7f;
  if (before === 0x0a) return (after >= 0x41 && after <= 0x5a) || (after >= 0x61 && after <= 0x7a);
  const ideographicStop = after === 0x3001 || after === 0x3002 || after === 0xff0c;
  return ideographicStop && ((before >= 0x4e00 && before <= 0x9fff) || (before >= 0x3041 && before <= 0x3096));
}

/** `end`, or one before it where it would cut a surrogate pair. */
function wholeCharacter(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1);
  return end < text.length && unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end;
}
