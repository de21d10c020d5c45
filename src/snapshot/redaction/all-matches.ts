// All matches of a pattern, without what String.matchAll costs: it makes a new pattern for every text.

/** Every match in order, found as it is asked for. The pattern is global; most texts have none, and then nothing is made. */
export function allMatches(text: string, pattern: RegExp): Iterable<RegExpExecArray> {
  pattern.lastIndex = 0;
  const first = pattern.exec(text);
  return first === null ? NONE : from(first, text, pattern);
}

const NONE: readonly RegExpExecArray[] = [];

function* from(first: RegExpExecArray, text: string, pattern: RegExp): Generator<RegExpExecArray, void> {
  for (let match: RegExpExecArray | null = first; match !== null; match = pattern.exec(text)) {
    const next = pattern.lastIndex;
    yield match;
    pattern.lastIndex = next;
  }
}
