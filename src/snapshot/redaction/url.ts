// Recognises web addresses: with a scheme, with www, with a path, and bare domains where the ending leaves little doubt.
import { isAlphanumeric } from "./character.ts";
import { hostEnd, hostRunEnd, hostRunStart } from "./host.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

const LONGEST_SCHEME = 16;
/** What ends an address in running text: space, quotes, angle and curly brackets, and full-width punctuation. */
const STOPS = /[\s<>"`{}|\\^\u2018-\u201f\u3000-\u303f\uff00-\uffef]/;
const TRAILING = ".,;:!?'*_~";
/** Endings that are files far more often than addresses, as in README.md and main.py. */
const FILE_ENDINGS = new Set("md py rs sh pl ps cc so zip mov app ml mm pm java".split(" "));
/** Country endings that are words or names of properties: alone they need a path or a word such as "site" before them. */
const WORD_ENDINGS = new Set(
  "in it is to at be so no me us my do am as by id vi mo tf st sc ac ad im la li ms ne pa re si ss tt ws ye md py rs sh pl ps cc ml mm pm gs gp".split(
    " ",
  ),
);
const GENERIC_ENDINGS = new Set(
  "com net org edu gov mil int io dev app co ai info biz xyz online site website shop store tech blog cloud page pro travel museum".split(
    " ",
  ),
);
/** Products, not places. */
const PRODUCTS = new Set(["asp.net", "ado.net", "vb.net", "ml.net", "system.net", "system.io", "socket.io", "draw.io"]);
const WEB_CONTEXT =
  /\b(?:web ?site|site|web|visit|portfolio|blog|page|url|link|domain|online|shop|profile|homepage|seite)\b[^.!?]*$/i;

export const url: Recogniser = {
  type: "URL",
  find(text) {
    const schemed = findSchemed(text);
    const bare = findBare(text, schemed);
    return bare.length === 0 ? schemed : [...schemed, ...bare].sort((a, b) => a.start - b.start);
  },
};

function findSchemed(text: string): Finding[] {
  const findings: Finding[] = [];
  let floor = 0;
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", Math.max(at + 3, floor))) {
    let start = at;
    while (start > Math.max(floor, at - LONGEST_SCHEME) && /[a-z\d+.-]/i.test(text.charAt(start - 1))) start -= 1;
    while (start < at && !/[a-z]/i.test(text.charAt(start))) start += 1;
    const end = addressEnd(text, at + 3);
    if (start === at || end === at + 3) continue;
    findings.push(finding(text, start, end, at + 3));
    floor = end;
  }
  return findings;
}

function findBare(text: string, taken: readonly Finding[]): Finding[] {
  const findings: Finding[] = [];
  let floor = 0;
  let next = 0;
  for (let dot = text.indexOf("."); dot !== -1; dot = text.indexOf(".", Math.max(dot + 1, floor))) {
    while (next < taken.length && (taken[next]?.end ?? 0) <= dot) next += 1;
    const around = taken[next];
    if (around !== undefined && around.start <= dot) {
      floor = around.end;
      continue;
    }
    const start = hostRunStart(text, dot, floor);
    floor = dot + 1;
    if (start === dot || !isAlphanumeric(text.charCodeAt(dot + 1))) continue;
    const run = hostRunEnd(text, start);
    floor = Math.max(run, dot + 1);
    const host = hostEnd(text, start);
    if (host === -1 || !standsAlone(text, start, host)) continue;
    const end = withPath(text, host);
    if (!isAddress(text, start, host, end)) continue;
    findings.push(finding(text, start, end, start));
    floor = Math.max(floor, end);
  }
  return findings;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !"@/\\_$#".includes(text.charAt(start - 1) || " ") && !"@_(".includes(text.charAt(end) || " ");
}

function isAddress(text: string, start: number, hostEndsAt: number, end: number): boolean {
  const host = text.slice(start, hostEndsAt);
  const labels = host.split(".");
  const ending = labels.at(-1) ?? "";
  const last = ending.toLowerCase();
  if (labels[0]?.toLowerCase() === "www" && labels.length > 2) return true;
  if (PRODUCTS.has(host.toLowerCase())) return false;
  const name = labels.at(-2) ?? "";
  const hasPath = end > hostEndsAt + 1;
  if (hasPath && !FILE_ENDINGS.has(last)) return /[a-z]/i.test(name) || GENERIC_ENDINGS.has(last);
  // "Thanks.So I left": a sentence that lacks its space.
  if (/^[A-Z][a-z]/.test(ending) && !GENERIC_ENDINGS.has(last)) return false;
  if (name.length < 2 && !["com", "org", "net", "co"].includes(last)) return false;
  if (GENERIC_ENDINGS.has(last) && !FILE_ENDINGS.has(last)) return true;
  if (last.length === 2 && !WORD_ENDINGS.has(last)) return true;
  return WEB_CONTEXT.test(text.slice(Math.max(0, start - 40), start));
}

function withPath(text: string, host: number): number {
  let end = host;
  if (text[end] === ":") {
    const port = /^:\d{1,5}/.exec(text.slice(end, end + 6))?.[0] ?? "";
    end += port.length;
  }
  return "/?#".includes(text.charAt(end) || " ") ? addressEnd(text, end) : end;
}

/** The end of an address's text: at a stop, at a closing bracket that it did not open, and without trailing punctuation. */
function addressEnd(text: string, start: number): number {
  const open: string[] = [];
  let end = start;
  for (; end < text.length; end += 1) {
    const character = text.charAt(end);
    if (STOPS.test(character)) break;
    if (character === "(" || character === "[") open.push(character);
    else if (character === ")" && open.pop() !== "(") break;
    else if (character === "]" && open.pop() !== "[") break;
  }
  while (end > start && TRAILING.includes(text.charAt(end - 1))) end -= 1;
  return end;
}

function finding(text: string, start: number, end: number, hostStart: number): Finding {
  const rest = text.slice(hostStart, end);
  // What stands before "@" in an address is who logs in; the host follows.
  const authority = rest.split(/[/?#]/, 1)[0] ?? "";
  const host = authority
    .slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d+$/, "")
    .toLowerCase();
  return { start, end, key: rest.replace(/^www\./i, "").replace(/\/$/, ""), ...(isHost(host) ? { domain: host } : {}) };
}

function isHost(host: string): boolean {
  return host.length > 0 && isAlphanumeric(host.charCodeAt(0));
}
