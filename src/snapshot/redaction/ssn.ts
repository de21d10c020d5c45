// Recognises United States social security numbers: 123-45-6789 with an area, a group and a serial that are given out.
import { allMatches } from "./all-matches.ts";
import { isDigit, isWord } from "./character.ts";
import { nearestWord } from "./nearest-word.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

const NUMBER = /\d{3}(?<separator>[ .\u00a0\u2010-\u2013-]?)\d{2}\k<separator>\d{4}/g;
/** The Social Security Administration gives out no 000, 666 or 9xx areas, no group 00 and no serial 0000. */
const GIVEN_OUT = /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/;
/** Printed as samples: only a word beside them makes them someone's. */
const SAMPLES = new Set(["123456789", "078051120", "987654321", "111111111"]);
const WORDS = {
  ssn: /(?<![a-z])(?:ssns?|ss ?#|ss (?:no|number)|social(?: security)?(?: (?:no|number))?|soc(?:ial)? sec|tax(?:payer)? id|tin)(?![a-z])|seguro social/gi,
  other:
    /(?<![a-z])(?:order|invoice|ticket|sku|part|isbn|serial|tracking|ref|reference|account|acct|phone|tel|fax|model|version|lot|batch|item|product|case|id|room|score)(?![a-z])/gi,
};
/** "457-55-5462 is my SSN". */
const WORD_AFTER = /^[^.\n]{0,16}?\b(?:ssn|social security)\b/i;

export const ssn: Recogniser = {
  type: "SSN",
  find(text) {
    const findings: Finding[] = [];
    for (const { 0: written, index: start, groups } of allMatches(text, NUMBER)) {
      const end = start + written.length;
      const key = written.replace(/\D/g, "");
      if (!GIVEN_OUT.test(key) || !standsAlone(text, start, end)) continue;
      if (isNumber(text, start, end, key, groups?.separator ?? "")) findings.push({ start, end, key });
    }
    return findings;
  },
};

function standsAlone(text: string, start: number, end: number): boolean {
  if (isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(end))) return false;
  if ("+$€£".includes(text.charAt(start - 1) || " ")) return false;
  if ("-.,/:".includes(text.charAt(start - 1) || " ") && isDigit(text.charCodeAt(start - 2))) return false;
  return !("-./,:".includes(text.charAt(end) || " ") && isWord(text.charCodeAt(end + 1)));
}

/** Dashes are enough where nothing speaks against them; any other writing needs a word that says what it is. */
function isNumber(text: string, start: number, end: number, digits: string, separator: string): boolean {
  const word = nearestWord(text, start, WORDS);
  if (word === "ssn" || WORD_AFTER.test(text.slice(end, end + 40))) return true;
  return word === undefined && /[\u2010-\u2013-]/.test(separator) && !SAMPLES.has(digits);
}
