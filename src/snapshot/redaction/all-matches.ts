// All matches of a pattern, without what String.matchAll costs: it makes a new pattern for every text.

/** Every match in order. The pattern is global; a line of text seldom has any, and then nothing is made. */
export function allMatches(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  pattern.lastIndex = 0;
  let match = pattern.exec(text);
  if (match === null) return NONE;
  const matches: RegExpExecArray[] = [];
  while (match !== null) {
    matches.push(match);
    match = pattern.exec(text);
  }
  return matches;
}

const NONE: readonly RegExpExecArray[] = [];
