// Keeps the gold set out of training: a model that has seen the examination proves nothing by passing it.
import { normalise } from "../normalise.ts";

/** Words in a piece, and the share of an example's pieces that may stand in one gold case (as GPT-3 and its kin are checked). */
const PIECE = 8;
const MOST = 0.5;

/**
 * Whether a question shares over half of its 8-word pieces with what one gold case asks; of a shorter one, whether it is the
 * same text. Case, white space and punctuation do not count.
 */
export function createGoldOverlap(asked: readonly string[]): (question: string) => boolean {
  const whole = new Set<string>();
  const casesOf = new Map<string, number[]>();
  for (const [index, text] of asked.entries()) {
    const words = wordsOf(text);
    if (words.length === 0) continue;
    whole.add(words.join(" "));
    for (const piece of new Set(piecesOf(words))) {
      const cases = casesOf.get(piece);
      if (cases === undefined) casesOf.set(piece, [index]);
      else cases.push(index);
    }
  }
  if (whole.size === 0) return () => false;
  return (question) => {
    const words = wordsOf(question);
    if (whole.has(words.join(" "))) return true;
    const pieces = new Set(piecesOf(words));
    const shared = new Map<number, number>();
    for (const piece of pieces)
      for (const index of casesOf.get(piece) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
    return [...shared.values()].some((count) => count > MOST * pieces.size);
  };
}

function wordsOf(text: string): string[] {
  return normalise(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

function* piecesOf(words: readonly string[]): Generator<string> {
  for (let start = 0; start + PIECE <= words.length; start++) yield words.slice(start, start + PIECE).join(" ");
}
