// Recognises web addresses: with a scheme, with www, with a path, and bare domains where the ending leaves little doubt.
import { allMatches } from "./all-matches.ts";
import { isAlphanumeric } from "./character.ts";
import { hostEnd, hostRunEnd, hostRunStart } from "./host.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

const LONGEST_SCHEME = 16;
/** What ends an address in running text: space, quotes, angle brackets, and full-width punctuation. */
const STOPS = /[\s<>"`|\\^\u2018-\u201f\u3000-\u303f\uff00-\uffef]/;
const OPENED_BY: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
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
  "com net org edu gov mil int io dev app co ai info biz xyz online site website shop store tech blog cloud page pro travel museum eu asia design codes art studio agency digital club solutions software guru ninja rocks wiki photography gallery academy school coffee consulting works press ventures vip berlin london nyc paris tokyo amsterdam hamburg".split(
    " ",
  ),
);
/** Endings that programs seldom write after a dot. */
const SURE_ENDINGS = new Set(["com", "org", "net", "edu", "gov"]);
/** What programs call things: "log.info" and "this.page" are properties. */
const RECEIVERS = new Set(
  `this self that req res request response ctx context event evt window document navigator console log logger process props state data item items obj object config
   app user order module exports math json array string date promise np pd plt tf torch os sys io fs path http https url db sql conn client server session cookie
   cache router route store model view form input el element node list map set arr key value result err error test page row rows it they std fmt java javax lib core util utils foo bar baz mod pkg src main cls`.split(
    /\s+/,
  ),
);
/** Scripts without spaces between words: their letters go on after an address that they do not belong to. */
const RUNS_ON = /[\u0590-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]/;
/** Products, not places. */
const PRODUCTS = new Set(["asp.net", "ado.net", "vb.net", "ml.net", "system.net", "system.io", "socket.io", "draw.io"]);
const WEB_CONTEXT =
  /\b(?:web ?site|site|web|visit|portfolio|blog|page|url|link|domain|online|shop|profile|homepage|seite)\b[^.!?]*$/i;

const SCHEMES = ["://", ":\\/\\/"];
/** The machine itself, with a port and a path. */
const LOCAL = /(?<![\w./:@-])localhost:\d{2,5}\/[\w-]/g;

export const url: Recogniser = {
  type: "URL",
  find(text) {
    const schemed = SCHEMES.flatMap((authority) => findSchemed(text, authority)).sort((a, b) => a.start - b.start);
    const bare = findBare(text, schemed);
    const local = text.includes("localhost:") ? findLocal(text) : [];
    if (bare.length + local.length === 0) return schemed;
    return [...schemed, ...bare, ...local].sort((a, b) => a.start - b.start);
  },
};

/** `authority` is what stands between scheme and host: "://", in JSON also ":\/\/". */
function findSchemed(text: string, authority: string): Finding[] {
  const findings: Finding[] = [];
  let floor = 0;
  const width = authority.length;
  for (let at = text.indexOf(authority); at !== -1; at = text.indexOf(authority, Math.max(at + width, floor))) {
    let start = at;
    while (start > Math.max(floor, at - LONGEST_SCHEME) && /[a-z\d+.-]/i.test(text.charAt(start - 1))) start -= 1;
    while (start < at && !/[a-z]/i.test(text.charAt(start))) start += 1;
    if (start === at) continue;
    const end = addressEnd(text, at + width);
    if (end === at + width) continue;
    findings.push(finding(text, start, end, at + width));
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

function findLocal(text: string): Finding[] {
  return Array.from(allMatches(text, LOCAL), ({ index }) => finding(text, index, addressEnd(text, index), index));
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
  if (labels.length === 2 && !SURE_ENDINGS.has(last) && RECEIVERS.has(labels[0]?.toLowerCase() ?? "")) return false;
  const name = labels.at(-2) ?? "";
  const hasPath = end > hostEndsAt + 1;
  // "notion.so/team" is a place, "main.py/README.md" is a choice of files.
  const isFile = FILE_ENDINGS.has(last) && text.slice(hostEndsAt, end).includes(".");
  if (hasPath && !isFile) return /[a-z]/i.test(name) || GENERIC_ENDINGS.has(last);
  // "Thanks.So I left": a sentence that lacks its space.
  if (/^[A-Z][a-z]/.test(ending) && !GENERIC_ENDINGS.has(last)) return false;
  if (name.length < 2 && !["com", "org", "net"].includes(last)) return false;
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
    if (STOPS.test(character) && !(character === "\\" && text[end + 1] === "/")) break;
    if (RUNS_ON.test(character) && end > start && isAlphanumeric(text.charCodeAt(end - 1))) break;
    if ("([{".includes(character)) open.push(character);
    const opener = OPENED_BY[character];
    if (opener !== undefined && open.pop() !== opener) break;
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
