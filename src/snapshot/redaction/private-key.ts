// Finds private keys in PEM's form, also within a JSON text, also cut short.
import { allMatches } from "./all-matches.ts";
import type { Place } from "./provider-keys.ts";

const MARK = /-----(?<side>BEGIN|END) (?:[A-Z\d]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
/** Lines of Base64 (in JSON the breaks are written as \n), and of what may stand above them, such as "Proc-Type: 4,ENCRYPTED". */
const LINES = /(?:(?:\s|\\[nr]){1,4}(?:[\w-]{1,32}: [^\n]{1,80}|[A-Za-z\d+/=]{16,4000})){1,400}/y;

/** Where private keys stand, from the first dash to the last; one without its end goes as far as its lines. */
export function findPrivateKeys(text: string): Place[] {
  const places: Place[] = [];
  if (!text.includes("PRIVATE KEY")) return places;
  const marks = [...allMatches(text, MARK)];
  for (const [number, { 0: mark, index: start, groups }] of marks.entries()) {
    if (groups?.side !== "BEGIN") continue;
    const following = marks[number + 1];
    if (following?.groups?.side === "END") {
      places.push({ start, end: following.index + following[0].length });
      continue;
    }
    LINES.lastIndex = start + mark.length;
    const lines = LINES.exec(text)?.[0];
    if (lines !== undefined) places.push({ start, end: start + mark.length + lines.length });
  }
  return places;
}
