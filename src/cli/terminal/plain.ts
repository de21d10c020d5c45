// Text that people wrote may hold control characters; a terminal must not obey them.
import { stripVTControlCharacters } from "node:util";

const STYLE = new RegExp(`(${String.fromCharCode(27)}\\[\\d{1,2}m)`);

/** One printed line: of all control sequences only colours survive. */
export function plain(line: string): string {
  return line
    .split(STYLE)
    .map((part) => (STYLE.test(part) ? part : part.replace(/\p{Cc}/gu, " ")))
    .join("");
}

/** A text of someone else's, on one line and without any styles. */
export function foreignText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "") // these turn the direction of what follows
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
}
