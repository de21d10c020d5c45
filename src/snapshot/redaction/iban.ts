// Recognises bank account numbers (IBAN): a country's length and two check digits decide.
import { allMatches } from "./all-matches.ts";
import { isWord } from "./character.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

/** Lengths by country: SWIFT's IBAN registry, then those that use the form without being registered. */
const LENGTHS = new Map<string, number>(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23
   GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28
   NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
   AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);
const BEGINNING = /[A-Z]{2}[ -]?\d[ -]?\d/gi;
const SEPARATORS = " -.\u00a0\u2009\u202f";

export const iban: Recogniser = {
  type: "IBAN",
  find(text) {
    const findings: Finding[] = [];
    let floor = 0;
    for (const { index: start } of allMatches(text, BEGINNING)) {
      if (start < floor || isWord(text.charCodeAt(start - 1))) continue;
      const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase());
      const end = length === undefined ? -1 : lettersEnd(text, start, length);
      if (end === -1 || isWord(text.charCodeAt(end))) continue;
      const key = text
        .slice(start, end)
        .replace(/[^A-Z\d]/gi, "")
        .toUpperCase();
      if (!checks(key)) continue;
      findings.push({ start, end, key });
      floor = end;
    }
    return findings;
  },
};

/** Where `length` letters and digits from `start` on end, set apart by at most one separator each; -1 when they break off. */
function lettersEnd(text: string, start: number, length: number): number {
  let position = start;
  for (let count = 0; count < length; count += 1) {
    if (count > 0 && SEPARATORS.includes(text.charAt(position) || "x")) position += 1;
    if (!/[A-Z\d]/i.test(text.charAt(position))) return -1;
    position += 1;
  }
  return position;
}

/** ISO 7064, mod 97-10: the first four move to the end, letters count from 10, and the remainder is 1. */
function checks(account: string): boolean {
  let remainder = 0;
  for (const letter of account.slice(4) + account.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
