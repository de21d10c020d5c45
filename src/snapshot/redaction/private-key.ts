// Finds private keys in PEM's form, also within a JSON text, also cut short.
import { allMatches } from "./all-matches.ts";
import type { Place } from "./provider-keys.ts";

const BEGINNING = /-----BEGIN (?:[A-Z\d]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const ENDING = /-----END (?:[A-Z\d]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
/** Base64, line breaks (in JSON written as \n) and the lines above it such as "Proc-Type: 4,ENCRYPTED". */
const BODY = /(?:[A-Za-z\d+/=\s]|\\[nr]|[\w-]{1,32}: [^\n]{1,80}\n)*/y;

/** Where private keys stand, from the first dash to the last; one without its end goes as far as its letters. */
export function findPrivateKeys(text: string): Place[] {
  const places: Place[] = [];
  if (!text.includes("PRIVATE KEY")) return places;
  let floor = 0;
  for (const { 0: head, index: start } of allMatches(text, BEGINNING)) {
    if (start < floor) continue;
    const body = start + head.length;
    ENDING.lastIndex = Math.max(body, floor);
    const ending = ENDING.exec(text);
    const next = ending === null ? -1 : text.slice(body, ending.index).indexOf("-----BEGIN");
    if (ending !== null && next === -1) floor = ending.index + ending[0].length;
    else {
      BODY.lastIndex = body;
      floor = body + (BODY.exec(text)?.[0].trimEnd().length ?? 0);
    }
    places.push({ start, end: floor });
  }
  return places;
}
