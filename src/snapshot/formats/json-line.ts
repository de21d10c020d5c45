// Writes a value as one line of JSON that every reader takes for one line.
import { cleanTexts } from "../clean.ts";

/** Half of a surrogate pair and NUL, as JSON writes them. */
const UNSAFE = /\\u(?:d[89a-f]|0000)/;

/** Ends in a newline. No NUL, no half of a surrogate pair; U+2028 and U+2029, which end a line for some readers, are escaped. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  const safe = UNSAFE.test(json) ? JSON.stringify(cleanTexts(value)) : json;
  return `${safe.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`;
}
