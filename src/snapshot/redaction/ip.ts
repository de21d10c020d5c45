// Recognises IP addresses of both versions; ports, prefixes and brackets around them stay.

import { isIPv4, isIPv6 } from "node:net";
import { allMatches } from "./all-matches.ts";
import { isDigit, isWord } from "./character.ts";
import { nearestWord } from "./nearest-word.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

/** Four figures with dots between them, which may be defanged ("192[.]0[.]2[.]1"). */
const FOUR_FIGURES = /\d{1,3}(?:(?:\.|\[\.\])\d{1,3}){3}/g;
/** Longest IPv6 address: eight groups of four, the last two written as IPv4. */
const LONGEST = 45;
const ZONE = /%[\w.-]{1,15}\w|%\w/y;
const WORDS = {
  address:
    /(?<![a-z])(?:ips?|ipv4|hosts?|hostname|server|address|addr|ping|pinged|from|client|dns|nameserver|gateway|gw|login|connect\w*|ssh|curl|telnet|traceroute|whois|block\w*|ban|banned|allow\w*|deny|remote|peer|src|dst|source|destination|proxy|router|subnet|network|firewall|vpn|node|listen\w*|bind|via|forwarded|range)(?![a-z])/gi,
  version:
    /(?<![a-z])(?:v|ver|versions?|release|build|firmware|driver|upgraded?|downgraded?|section|chapter|clause|oid|assembly\w*|package|pkg|library|sdk|chrome|chromium|edge|safari|firefox|opera|kernel|nuget|dotnet|netmask|subnet mask)(?![a-z])|§/gi,
};
/** Resolvers that anyone may ask; their figures are as small as a version's. */
const RESOLVERS = new Set(["1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"]);
/** Four figures below 32: a version, unless something says otherwise. Networks of one's own begin with 10. */
const SMALL = /^(?!10\.)(?:(?:[12]?\d|3[01])(?:\.|$)){4}$/;

export const ip: Recogniser = {
  type: "IP",
  find(text) {
    const six = text.includes(":") ? findVersion6(text) : [];
    const four = text.includes(".") ? findVersion4(text) : [];
    if (six.length === 0) return four;
    return [...six, ...outside(four, six)].sort((a, b) => a.start - b.start);
  },
};

function findVersion4(text: string): Finding[] {
  const findings: Finding[] = [];
  for (const { 0: written, index: start } of allMatches(text, FOUR_FIGURES)) {
    const end = start + written.length;
    const key = written.replace(/[[\]]/g, "");
    if (!isIPv4(key) || key.startsWith("255.255.") || !standsAlone(text, start, end)) continue;
    if (!isVersion(text, start, key)) findings.push({ start, end, key });
  }
  return findings;
}

/** Those of `findings` that lie in none of `others`: "::ffff:192.0.2.1" is one address. Both in order. */
function outside(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  let next = 0;
  return findings.filter(({ start }) => {
    while (next < others.length && others[next]!.end <= start) next += 1;
    return next === others.length || others[next]!.start > start;
  });
}

/** Not within a word or a longer figure; ranges ("192.0.2.1-192.0.2.9"), ports and prefixes go on after one. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.charAt(start - 1);
  if (isWord(before.charCodeAt(0)) || (before === "." && isWord(text.charCodeAt(start - 2)))) return false;
  if (before === "-" && !isDigit(text.charCodeAt(start - 2))) return false;
  const after = text.charAt(end);
  if (isWord(after.charCodeAt(0))) return false;
  if (after === "." || after === "+") return !isWord(text.charCodeAt(end + 1));
  return after !== "-" || !/[a-z]/i.test(text.charAt(end + 1));
}

/** Programs' versions have four figures, too: "Chrome/120.0.0.0", "pkg==2.4.1.7", "the 2.4.1.7 update". */
function isVersion(text: string, start: number, address: string): boolean {
  if (/(?:[a-z]\/|==|[~^])$/i.test(text.slice(Math.max(0, start - 2), start))) return true;
  const word = nearestWord(text, start, WORDS);
  return word === "version" || (word === undefined && SMALL.test(address) && !RESOLVERS.has(address));
}

function findVersion6(text: string): Finding[] {
  const findings: Finding[] = [];
  let floor = 0;
  for (let colon = text.indexOf(":"); colon !== -1; colon = text.indexOf(":", Math.max(floor, colon + 1))) {
    const run = runAround(text, colon, floor);
    floor = Math.max(run.end, colon + 1);
    if (run.end - run.start > LONGEST + 8) continue;
    const found = within(text, run.start, run.end);
    if (found !== undefined) findings.push(found);
  }
  return findings;
}

function runAround(text: string, colon: number, floor: number): { start: number; end: number } {
  let start = colon;
  while (start > floor && colon - start <= LONGEST && isPart(text.charCodeAt(start - 1))) start -= 1;
  let end = colon;
  while (end < text.length && isPart(text.charCodeAt(end))) end += 1;
  return { start, end };
}

/** A hexadecimal digit, a colon or a dot. */
function isPart(unit: number): boolean {
  if (unit < 0x2e || unit > 0x66) return false;
  return unit === 0x2e || (unit >= 0x30 && unit <= 0x3a) || (unit >= 0x41 && unit <= 0x46) || unit >= 0x61;
}

/** The address in a run of its characters, after a label such as "ipv6:" and before punctuation. */
function within(text: string, from: number, to: number): Finding | undefined {
  let start = from;
  if (isWord(text.charCodeAt(start - 1))) start = text.indexOf(":", start);
  if (text[start] === ":" && text[start + 1] !== ":") start += 1;
  let end = to;
  while (end > start && (text[end - 1] === "." || (text[end - 1] === ":" && text[end - 2] !== ":"))) end -= 1;
  const written = text.slice(start, end);
  if (!isIPv6(written) || !isPlausible(text, start, written) || isWord(text.charCodeAt(end))) return undefined;
  ZONE.lastIndex = end;
  end += ZONE.exec(text)?.[0].length ?? 0;
  return { start, end, key: written.toLowerCase() };
}

/** Scopes in programs (a::b), slices ([::2]) and hardware addresses of eight pairs have an address's form as well. */
function isPlausible(text: string, start: number, written: string): boolean {
  if (!/\d/.test(written)) return false;
  if (!written.includes("::")) return !/^(?:[\da-f]{2}:){7}[\da-f]{2}$/i.test(written);
  if (!written.startsWith("::")) return /^[\da-f]{3,4}:/i.test(written) || written.split(":").length > 5;
  if (text[start - 1] === "[" && isWord(text.charCodeAt(start - 2))) return false;
  return written === "::1" || written.length > 5;
}
