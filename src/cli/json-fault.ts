// Finds where a text stops being JSON: the engine's own message names no place for most faults.

export interface JsonFault {
  /** Both count from 1; a column is a UTF-16 unit. */
  readonly line: number;
  readonly column: number;
  readonly words: string;
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a JSON string may not hold
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The first fault of a text, or null when it is JSON. */
export function jsonFault(text: string): JsonFault | null {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found !== null;
  };
  const takeSign = (sign: string): boolean => {
    take(SPACE);
    if (text[at] !== sign) return false;
    at++;
    return true;
  };
  const entries = (end: string, entry: () => string | null): string | null => {
    if (takeSign(end)) return null;
    for (;;) {
      const fault = entry();
      if (fault !== null) return fault;
      if (takeSign(end)) return null;
      if (!takeSign(",")) return `a comma or "${end}" is expected here`;
    }
  };
  const property = (): string | null => {
    take(SPACE);
    if (!take(STRING)) return "a name in double quotes is expected here";
    return takeSign(":") ? value() : "a colon is expected here";
  };
  const value = (): string | null => {
    if (takeSign("{")) return entries("}", property);
    if (takeSign("[")) return entries("]", value);
    return take(STRING) || take(PLAIN) ? null : "a value is expected here";
  };
  let words = value();
  take(SPACE);
  if (words === null && at < text.length) words = "nothing more is expected here";
  if (words === null) return null;
  const before = text.slice(0, at).split("\n");
  return {
    line: before.length,
    column: before.at(-1)!.length + 1,
    words: at >= text.length ? "the text ends too early" : words,
  };
}
