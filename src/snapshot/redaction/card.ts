// Recognises payment cards: a network's beginning and length, Luhn's check digit, and how people set the digits apart.
import { allMatches } from "./all-matches.ts";
import { isWord } from "./character.ts";
import { nearestWord } from "./nearest-word.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

/** The first group of a card: no grouping begins with fewer than four digits, so that most figures end here. */
const FIRST = /(?<!\d)\d{4,19}(?!\d)/g;
const NEXT = /([ .\u00a0\u2009\u202f\u2010-\u2013-])(\d{1,13})(?!\d)/y;
const SHORTEST = 12;
const LONGEST = 19;
/** Beginning and lengths of the networks whose cards are everywhere: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Mir. */
const NETWORKS =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|(?:6011|64[4-9]\d|65\d\d)\d{12}|3(?:0[0-5]|095|[689]\d)\d{11}|35\d{14}(?:\d{3})?|62\d{14,17}|220[0-4]\d{12,15})$/;
/** Maestro, RuPay, Elo, Troy, Verve, and Diners with 16 to 19 digits: too much else looks like them, so that the writing or a word must say so. */
const RARE =
  /^(?:5[06-8]\d{10,17}|(?:2131|1800)\d{11}|6\d{11,18}|8[12]\d{14}|9792\d{12}|3(?:0[0-5]|[689]\d)\d{13,16})$/;
/** How the digits are set in groups: on most cards, on American Express, on Diners, and with 13 or 19 digits. */
const GROUPINGS = new Set(["4,4,4,4", "4,6,5", "4,6,4", "4,4,4,4,3", "4,4,4,1", "4,4,5", "6,13", "4,4,4,4,2"]);
const WORDS = {
  card: /(?<![a-z])(?:card|cc|visa|master ?card|amex|american express|discover|maestro|diners|jcb|unionpay|debit|credit|pay|paid|charged?|karte|kreditkarte|carte|tarjeta|carta|cart[ãa]o|kaart|pan)(?![a-z])|карт|卡|カード/gi,
  other:
    /(?<![a-z])(?:order|invoice|ticket|tracking|imei|iccid|isbn|ean|upc|gtin|serial|timestamp|epoch|account|acct|ref|reference|id|parcel|shipment|transaction|sku|batch|population|hash|bestellung|rechnung|sendung|pedido|commande)(?![a-z])|_id(?![a-z])/gi,
};

export const card: Recogniser = {
  type: "CARD",
  find(text) {
    const findings: Finding[] = [];
    let floor = 0;
    for (const { 0: first, index: start } of allMatches(text, FIRST)) {
      if (start < floor || !mayBegin(text, start)) continue;
      const end = cardEnd(text, start, first);
      if (end === -1) continue;
      findings.push({ start, end, key: text.slice(start, end).replace(/\D/g, "") });
      floor = end;
    }
    return findings;
  },
};

/** Where the longest card that begins with the group `first` at `start` ends; -1 when there is none. */
function cardEnd(text: string, start: number, first: string): number {
  let digits = first;
  let sizes = String(first.length);
  let end = start + first.length;
  let separator = "";
  let found = -1;
  while (digits.length <= LONGEST) {
    if (digits.length >= SHORTEST && (separator === "" || GROUPINGS.has(sizes)) && mayEnd(text, end)) {
      if (isCard(digits, separator !== "", () => nearestWord(text, start, WORDS))) found = end;
    }
    NEXT.lastIndex = end;
    const [written, between = "", group = ""] = NEXT.exec(text) ?? [""];
    if (written === "" || (separator !== "" && between !== separator)) break;
    separator = between;
    digits += group;
    sizes += `,${group.length}`;
    end += written.length;
  }
  return found;
}

/** Not within a word, a decimal or a longer figure; a figure and a space may go before ("2 4111 1111 …"). */
function mayBegin(text: string, start: number): boolean {
  const before = text.charAt(start - 1);
  return !(isWord(before.charCodeAt(0)) || (/[.\u2010-\u2013-]/.test(before) && isWord(text.charCodeAt(start - 2))));
}

function mayEnd(text: string, end: number): boolean {
  if (isWord(text.charCodeAt(end))) return false;
  return !(/[.,-]/.test(text.charAt(end)) && isWord(text.charCodeAt(end + 1)));
}

function isCard(digits: string, grouped: boolean, word: () => "card" | "other" | undefined): boolean {
  const common = NETWORKS.test(digits);
  if (!(common || RARE.test(digits)) || !luhn(digits)) return false;
  if (grouped) return common || word() !== "other";
  return common ? word() !== "other" : word() === "card";
}

/** ISO/IEC 7812: every second digit from the right doubled, its digits summed, all together a multiple of ten. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const value = index % 2 === 1 ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
