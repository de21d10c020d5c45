// Recognises how people are addressed on networks: @jane_doe, @user@mastodon.social, u/jane.
import { isAlphanumeric, isWord } from "./character.ts";
import { hostEnd } from "./host.ts";
import type { Finding, Recogniser } from "./recogniser.ts";

/** No network lets a name be longer; it also bounds the work for each "@". */
const LONGEST = 64;
/** What programs and style sheets write with an "@", and what addresses nobody in particular. */
const NOT_PEOPLE = new Set(
  `media import charset keyframes supports page namespace container layer tailwind apply include mixin extend use forward font font-face font-feature-values counter-style
   param params arg return returns throws throw type typedef template deprecated override author see since version example link inheritdoc todo fixme internal public private
   property staticmethod classmethod abstractmethod dataclass lru_cache cache cached_property contextmanager wraps pytest unittest mock app celery task njit jit
   autowired test before after beforeeach aftereach bean service controller restcontroller entity id column table nullable notnull data getter setter component injectable
   input output repository configuration safevarargs functionalinterface suppresswarnings optional main mainactor objc available escaping published state binding
   everyone here channel all team today tomorrow noon midnight home work least most ts-ignore ts-expect-error ts-nocheck jsx jest vitest`.split(
    /\s+/,
  ),
);
/** "u/jane" and "/u/jane", not a path's middle. */
const REDDIT = /(?<![\w/.:-])\/?u\/[\w-]{3,20}(?![\w/-])/g;

export const handle: Recogniser = {
  type: "HANDLE",
  find(text) {
    const findings: Finding[] = [];
    let floor = 0;
    for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
      if (at < floor || !opens(text, at)) continue;
      const end = nameEnd(text, at + 1);
      const name = text.slice(at + 1, end).toLowerCase();
      if (!isName(name) || isCode(text, end, name)) continue;
      const federated = text[end] === "@" ? hostEnd(text, end + 1) : -1;
      floor = federated === -1 ? end : federated;
      findings.push({ start: at, end: floor, key: text.slice(at + 1, floor).toLowerCase() });
    }
    if (!text.includes("u/")) return findings;
    for (const match of text.matchAll(REDDIT)) {
      const end = match.index + match[0].length;
      findings.push({ start: match.index, end, key: match[0].slice(match[0].indexOf("u/") + 2).toLowerCase() });
    }
    return findings.sort((a, b) => a.start - b.start);
  },
};

/** A handle begins a word: after "x@" stands a host, after "/@" a path. */
function opens(text: string, at: number): boolean {
  return at === 0 || (!isWord(text.charCodeAt(at - 1)) && !".%+-'/\\@$&=".includes(text.charAt(at - 1)));
}

function nameEnd(text: string, start: number): number {
  let end = start;
  const limit = Math.min(text.length, start + LONGEST);
  while (end < limit && (isWord(text.charCodeAt(end)) || ".-".includes(text.charAt(end)))) end += 1;
  while (end > start && !isWord(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

function isName(name: string): boolean {
  if (name.length < 2 || NOT_PEOPLE.has(name) || NOT_PEOPLE.has(name.split(".", 1)[0] ?? "")) return false;
  // "@10am" and "@1080p" are times and sizes; "@acme.com" is a whole domain.
  if (!/^[\d]/.test(name)) return !/\.(?:com|org|net|edu|gov)$/.test(name);
  return [...name].filter((letter) => isAlphanumeric(letter.charCodeAt(0)) && !/\d/.test(letter)).length >= 3;
}

/** `@Injectable()` is a decorator, `@scope/name` a package. */
function isCode(text: string, end: number, name: string): boolean {
  const next = text.charAt(end);
  if (next === "(" || next === "{") return true;
  return next === "/" && text.charAt(end + 1) !== "@" && name.length > 0;
}
