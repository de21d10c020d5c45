// Recognises e-mail addresses, also those spelled out ("jane [at] acme [dot] io", "john at acme dot com").
import { allMatches } from "./all-matches.ts";
import { isAlphanumeric } from "./character.ts";
import { hostEnd, isTopLevelDomain } from "./host.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

/** RFC 5321: a local part has at most 64 characters. It also bounds the work for each "@". */
const LONGEST_LOCAL = 64;
const COLON = 0x3a;
/** Accounts that version control logs in with: `git@host:path` addresses a repository, not a person. */
const REPOSITORY_ACCOUNTS = new Set(["git", "hg", "svn"]);

/** "at" or its sign in brackets of any kind, the sign between spaces, or the word between spaces: the last needs a "dot" too. */
const SPELLED_AT = /(?<sure> ?[[({<] ?(?:at|@) ?[\])}>] ?| @ )| at /gi;
const SPELLED_HOST = /[\p{L}\d-]{1,63}(?:(?:\.| dot | ?[[({<] ?(?:dot|\.) ?[\])}>] ?)[\p{L}\d-]{1,63}){1,4}/iuy;
const SPELLED_DOT = / dot | ?[[({<] ?(?:dot|\.) ?[\])}>] ?/gi;
/** RFC 5322 allows quotes with spaces ('"jane doe"@'), RFC 6532 all scripts, and "&" is no query's where no "=" goes before. */
const UNUSUAL_LOCAL =
  /"[\w .+-]{1,62}"$|[\u0590-\u0fff\u3040-\u9fff\uac00-\ud7af\p{M}]{1,16}$|(?<![\w=?&%/.;])[\w.+-]{1,32}&[\w.+-]{1,32}$/u;
/** What goes before a local part whose dots are spelled, too: "mark (dot) twain (at) …". */
const SPELLED_BEGINNING = /(?:[\p{L}\d_-]{1,32}(?: dot | ?[[({<] ?dot ?[\])}>] ?)){1,3}$/iu;
/** Words before "at" that make a place of what follows ("look at acme dot com"). */
const NOT_NAMES = new Set(
  "look looked looking shop shopping buy bought available meet work works working is are was were be it us me we you him them here there site up sign order ordered arrive found available stay visit back live hosted online".split(
    " ",
  ),
);

/** "jane.doe at gmail.com" is an address even without its "dot". */
const MAIL_PROVIDERS = new Set(
  "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com aol.com gmx.de gmx.net web.de mail.ru yandex.ru qq.com 163.com proton.me protonmail.com".split(
    " ",
  ),
);

export const email: Recogniser = {
  type: "EMAIL",
  find(text) {
    const plain = findPlain(text);
    const spelled = findSpelled(text);
    if (spelled.length === 0) return plain;
    const free = spelled.filter((one) => plain.every((other) => one.end <= other.start || one.start >= other.end));
    return [...plain, ...free].sort((a, b) => a.start - b.start);
  },
};

function findPlain(text: string): Finding[] {
  const findings: Finding[] = [];
  let floor = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const end = hostEnd(text, at + 1);
    if (end === -1) continue;
    const start = plainStart(text, at, floor);
    if (start === at) continue;
    if (/\.(?:zip|mov)$/i.test(text.slice(at, end))) continue;
    if (isRepositoryAddress(text, text.slice(start, at), end)) continue;
    // Markdown's emphasis, not the name's: "_jane@acme.com_".
    const first = text[start] === "_" && text[end] === "_" ? start + 1 : start;
    findings.push(finding(first, end, text.slice(first, at), text.slice(at + 1, end)));
    floor = end;
  }
  return findings;
}

/** Where the local part before an "@" begins; `at` when there is none. */
function plainStart(text: string, at: number, floor: number): number {
  const start = localStart(text, at, floor);
  if (start < at && text[start - 1] !== "&") return start;
  const written = text.slice(Math.max(floor, at - LONGEST_LOCAL), at);
  return Math.min(start, at - (UNUSUAL_LOCAL.exec(written)?.[0].length ?? 0));
}

function localStart(text: string, at: number, floor: number): number {
  let start = at;
  const limit = Math.max(floor, at - LONGEST_LOCAL);
  while (start > limit && isLocal(text, start - 1)) start -= 1;
  while (start < at && !isAlphanumeric(text.charCodeAt(start)) && text[start] !== "_") start += 1;
  return text[at - 1] === "." ? at : start;
}

function isLocal(text: string, index: number): boolean {
  return isAlphanumeric(text.charCodeAt(index)) || "._%+-'".includes(text.charAt(index));
}

function isRepositoryAddress(text: string, local: string, end: number): boolean {
  if (text.charCodeAt(end) !== COLON) return false;
  return REPOSITORY_ACCOUNTS.has(local.toLowerCase()) || "/~.".includes(text.charAt(end + 1) || " ");
}

function findSpelled(text: string): Finding[] {
  const findings: Finding[] = [];
  let floor = 0;
  for (const match of allMatches(text, SPELLED_AT)) {
    if (match.index < floor) continue;
    const last = localStart(text, match.index, floor);
    if (last === match.index) continue;
    const before = text.slice(Math.max(floor, last - LONGEST_LOCAL), last);
    const start =
      last - (before.endsWith(" ") || /[\])}>]$/.test(before) ? (SPELLED_BEGINNING.exec(before)?.[0].length ?? 0) : 0);
    const local = text.slice(start, match.index).replace(SPELLED_DOT, ".");
    SPELLED_HOST.lastIndex = match.index + match[0].length;
    const host = SPELLED_HOST.exec(text)?.[0];
    if (host === undefined) continue;
    const domain = host.replace(SPELLED_DOT, ".");
    if (!isTopLevelDomain(domain.slice(domain.lastIndexOf(".") + 1))) continue;
    const sure =
      match.groups?.sure !== undefined || (MAIL_PROVIDERS.has(domain.toLowerCase()) && /[\d._-]/.test(local));
    if (!sure && (host === domain || NOT_NAMES.has(local.toLowerCase()))) continue;
    const end = match.index + match[0].length + host.length;
    findings.push(finding(start, end, local, domain));
    floor = end;
  }
  return findings;
}

function finding(start: number, end: number, local: string, host: string): Finding {
  const domain = host.toLowerCase();
  return { start, end, key: `${local.toLowerCase()}@${domain}`, domain };
}
