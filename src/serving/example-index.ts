// The approved examples that are nearest to a request, by the words they share, rare words counting more.

export interface Example {
  prompt: string;
  /** The messages to put in front of the request: the user's and the approved answer. */
  messages: readonly { role: string; content?: unknown }[];
}

export interface ExampleIndex {
  readonly size: number;
  /** At most `count` examples, the nearest last: what stands nearest to the request counts most. */
  nearest(text: string, count: number): Example[];
}

const BM25_SATURATION = 1.2;
const BM25_LENGTH = 0.75;

/** An inverted index by BM25 (Robertson & Zaragoza, 2009) over words and word pairs. Same examples, same answers. */
export function indexExamples(examples: readonly Example[]): ExampleIndex {
  const postings = new Map<string, { document: number; count: number }[]>();
  const lengths = examples.map((example, document) => {
    const terms = termsOf(example.prompt);
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const list = postings.get(term);
      if (list === undefined) postings.set(term, [{ document, count }]);
      else list.push({ document, count });
    }
    return terms.length;
  });
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  return {
    size: examples.length,
    nearest(text, count) {
      const scores = new Map<number, number>();
      for (const term of new Set(termsOf(text))) {
        const list = postings.get(term);
        if (list === undefined) continue;
        const rarity = Math.log(1 + (examples.length - list.length + 0.5) / (list.length + 0.5));
        for (const { document, count: frequency } of list) {
          const norm = BM25_SATURATION * (1 - BM25_LENGTH + (BM25_LENGTH * lengths[document]!) / meanLength);
          scores.set(
            document,
            (scores.get(document) ?? 0) + (rarity * frequency * (BM25_SATURATION + 1)) / (frequency + norm),
          );
        }
      }
      return [...scores]
        .sort(([leftDocument, left], [rightDocument, right]) => right - left || leftDocument - rightDocument)
        .slice(0, count)
        .reverse()
        .map(([document]) => examples[document]!);
    },
  };
}

function termsOf(text: string): string[] {
  const words: string[] =
    text
      .slice(0, 20_000)
      .toLowerCase()
      .normalize("NFKC")
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.concat(words.slice(1).map((word, index) => `${words[index]} ${word}`));
}
