// Recognises telephone numbers: runs of digits are candidates, their writing, the words before them and the numbering plans decide.

import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { allMatches } from "./all-matches.ts";
import { splitCallingCode } from "./calling-codes.ts";
import { isDigit, isWord } from "./character.ts";
import { type Context, phoneContext } from "./phone-context.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

/** Where a number begins: a digit after no digit, with its plus or bracket, and six more to follow. */
const START = /(?<!\d)(?:\(?\+\s?|\()?\d(?=(?:[ \u00a0./()\u2010-\u2013-]{0,3}\d){6})/g;
/** E.164 allows 15 digits; prefixes for dialling abroad add up to 3. Separators are never digits, so nothing is tried twice. */
const RUN = /\(?\+?[ (]?\d(?:[ \u00a0./()\u2010-\u2013-]{0,3}\d){6,17}/y;
const EXTENSION = / ?x\d{1,6}(?!\w)/y;
const DATE =
  /^(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([./-])\d{1,2}\2\d{1,2})(?![.\-/]?\d)|^\d\d \d\d (?:19|20)\d\d$/;
const YEARS = /^(?:19|20)\d\d\D+(?:19|20)\d\d$/;
/** "1 000 000": round sums in groups of three. */
const ROUND = /^[1-9]\d{0,2}(?:([ .])\d{3})*[ .]000$/;
const DECIMAL_OR_ADDRESS = /^\d+\.\d+$|^\d{1,3}(?:\.\d{1,3}){3}$/;
const NOT_NUMBERS = [DATE, YEARS, ROUND, DECIMAL_OR_ADDRESS];
/** Three, three and four digits, set apart the same way: how North Americans write a number, given out or not. */
const NORTH_AMERICAN =
  /^(?:(?:1|001|011)[ .-]?)?(?:\(\d{3}\)[ .-]?\d{3}[ .-]?\d{4}|(?:[2-9]|1(?=\d\d[.-]))\d\d([ .-])\d{3}\1\d{4})$|^(?:1|001)-\d{3}-\d{3}-\d{4}$/;
const NORTH_AMERICAN_START = /(?:1[ .-]?)?\(?[2-9]\d\d\)?[ .-]?\d{3}[ .-]?\d{4}/y;
const NORTH_AMERICAN_BARE = /^1?[2-9]\d\d[2-9]\d{6}$/;
/** How numbers are written elsewhere that need no zero before them. Of all of these only China's has a group. */
const ELSEWHERE = [
  /[78][ -]?(?:\(\d{3}\)|[3489]\d\d)[ -]?\d{3}[ -]\d\d[ -]?\d\d/, // Russia
  /[6-9]\d\d \d\d \d\d \d\d|[89]\d \d{3} \d\d \d\d/, // Spain
  /[6-9]\d{4}[ -]\d{5}/, // India
  /1[3-9]\d([ -])\d{4}\1\d{4}/, // China
  /\d\d 9?\d{4}-\d{4}/, // Brazil
  /[49]\d\d \d\d \d{3}/, // Norway
  /\(?\d\d\)?\/\d{3}[ -]\d{4}/, // Hungary
  /(?:2\d\d|69\d) \d{7}/, // Greece
  /0[ -]\d{4}[ -]\d{4}/, // Thailand
  /\(\d{2,4}\)[ -]?\d{3,5}(?:[ -]?\d{3,4}){1,2}/, // an area or a calling code in brackets
];
const WRITTEN_ELSEWHERE = new RegExp(`^(?:${ELSEWHERE.map(({ source }) => source).join("|")})$`);
/** A zero and an area, then groups of two or more digits: how numbers are written within most countries. */
const TRUNK = /^\(?0[1-9]\d{0,4}\)?(?:[ \u00a0./\u2010-\u2013-]{1,3}\d{2,8}){1,5}$|^\(0[1-9]\d{0,4}\)\d{5,9}$/;
const CHINESE_MOBILE = /^1[3-9]\d{9}$/;
const TRUNK_BARE = /^0[1-9]\d{8,9}$/;
/** Largest numbers of 32 bits: ten digits that look like Dallas; and the digits themselves. */
const FAMOUS = new Set(["2147483647", "2147483648", "4294967295", "4294967296", "0123456789"]);
/** How sure a number for calls from abroad is: its length fits its country's plan, or only its calling code is known. */
type Trust = "length" | "calling code";
const TRUSTS: readonly Trust[] = ["length", "calling code"];
const REGIONS: readonly CountryCode[] = ["GB", "DE", "FR", "IT", "AU", "JP"];

export const phone: Recogniser = {
  type: "PHONE",
  find(text) {
    const findings: Finding[] = [];
    let floor = 0;
    for (const match of allMatches(text, START)) {
      const start = match.index;
      if (start < floor) continue;
      if (!mayBegin(text, start, floor)) continue;
      RUN.lastIndex = start;
      const run = RUN.exec(text)?.[0];
      if (run === undefined) continue;
      const number = longestNumber(text, start, run, floor);
      if (number === "") continue;
      EXTENSION.lastIndex = start + number.length;
      floor = start + number.length + (EXTENSION.exec(text)?.[0].length ?? 0);
      findings.push({ start, end: floor, key: digitsOf(number).slice(-9) });
    }
    return findings;
  },
};

/** The longest beginning of the run that is a number and does not break off within a word or a figure. */
function longestNumber(text: string, start: number, run: string, floor: number): string {
  let known: Context | undefined;
  const context = () => {
    known ??= phoneContext(text, start, start + run.length);
    return known;
  };
  // What goes on after another figure ("4111 1111 …") is a number only when it is written as one beyond doubt.
  const follows = start > floor && isDigit(text.charCodeAt(start - 2)) && !/^\(?\+/.test(run);
  NORTH_AMERICAN_START.lastIndex = start;
  if (follows && !NORTH_AMERICAN_START.test(text)) return "";
  const ends = groupEnds(text, start, run);
  const isFromAbroad = /^\(?(?:\+|0[01])/.test(run);
  for (const trust of isFromAbroad ? TRUSTS : TRUSTS.slice(0, 1)) {
    const end = ends.find((end) => isNumber(run.slice(0, end), context, follows, trust));
    if (end !== undefined) return run.slice(0, end);
  }
  return "";
}

/** Lengths of the run's beginnings that could stand by themselves, longest first. */
function groupEnds(text: string, start: number, run: string): number[] {
  const ends: number[] = [];
  for (let end = run.length; end >= 7; end -= 1) {
    if (!isDigit(run.charCodeAt(end - 1))) continue;
    if (isExtension(text, start + end) || mayEnd(text, start + end)) ends.push(end);
  }
  return ends;
}

function mayBegin(text: string, start: number, floor: number): boolean {
  const before = text.charAt(start - 1);
  if (start === floor || before === "") return true;
  if (isWord(before.charCodeAt(0)) || "@#$€£%&№".includes(before)) return false;
  return !("-./,+*".includes(before) && isWord(text.charCodeAt(start - 2)));
}

function mayEnd(text: string, end: number): boolean {
  const next = text.charCodeAt(end);
  if (isWord(next) || text[end] === "%" || text[end] === "@") return false;
  return !("-./:,".includes(text.charAt(end) || " ") && isWord(text.charCodeAt(end + 1)));
}

function isExtension(text: string, end: number): boolean {
  EXTENSION.lastIndex = end;
  return EXTENSION.test(text);
}

function isNumber(written: string, context: () => Context, follows: boolean, trust: Trust): boolean {
  const digits = digitsOf(written);
  if (FAMOUS.has(digits) || NOT_NUMBERS.some((form) => form.test(written))) return false;
  if (written.includes("(") !== written.includes(")")) return false;
  if (/^\(?\+/.test(written)) return isAbroad(digits, trust);
  if (NORTH_AMERICAN.test(written)) return context() !== "other";
  if (follows || digits.length < 7 || context() === "other") return false;
  if (context() === "phone") return digits.length <= 15;
  const grouped = written.length > digits.length;
  if (!grouped) return isBareNumber(digits);
  if (WRITTEN_ELSEWHERE.test(written)) return true;
  if (TRUNK.test(written) && digits.length >= 9 && digits.length <= 13) return true;
  const abroad = /^(?:00|011)(?=[1-9])/.exec(digits)?.[0];
  return abroad !== undefined && isAbroad(digits.slice(abroad.length), trust);
}

/** Digits alone are a number only where a plan has given it out. */
function isBareNumber(digits: string): boolean {
  if (NORTH_AMERICAN_BARE.test(digits) && isGivenOut(digits, "US")) return true;
  if (CHINESE_MOBILE.test(digits)) return true;
  return TRUNK_BARE.test(digits) && REGIONS.some((region) => isGivenOut(digits, region));
}

function isAbroad(digits: string, trust: Trust): boolean {
  const number = splitCallingCode(digits);
  if (number === undefined || number.possible) return number !== undefined;
  // Plans change, and people mistype; but "+1 000 000 000" is a sum.
  return (
    trust === "calling code" &&
    number.code !== "1" &&
    !number.national.startsWith("0") &&
    digits.length >= 9 &&
    digits.length <= 15
  );
}

function isGivenOut(digits: string, region: CountryCode): boolean {
  return parsePhoneNumberFromString(digits, region)?.isValid() === true;
}

/** "(0)" is for calls within the country, and no part of the number. */
function digitsOf(written: string): string {
  return written.replace(/\(0\)|\D/g, "");
}
