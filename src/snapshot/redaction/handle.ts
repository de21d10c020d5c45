// Recognises how people are addressed on networks: @jane_doe, @user@mastodon.social, u/jane.
import { allMatches } from "./all-matches.ts";
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
   if else elseif endif foreach endforeach for while switch unless csrf yield section extends interface end implementation selector synthesize protocol autoreleasepool
   try catch finally brief details notice html using encode daily hourly weekly monthly yearly annually reboot latest click submit article book inproceedings misc
   everyone here channel all team today tomorrow noon midnight home work least most ts-ignore ts-expect-error ts-nocheck jsx jest vitest`.split(
    /\s+/,
  ),
);
/** A name in a script that does not part words by spaces. */
const LETTERS = /[\p{L}\p{M}][\p{L}\p{M}\d_]{1,29}/uy;
/** What a declaration that an annotation stands before goes on with, on the same line or the next. */
const DECLARATION =
  /\s{1,20}(?:(?:public|private|protected) [\w<>.[\]]+ \w|export (?:class|default|const|function|abstract|async)\b|(?:async )?def \w+ ?\(|(?:class|struct|interface|enum) \w+ ?[({:<\n]|(?:class|interface) \w+ (?:extends|implements)\b|(?:suspend |override )?fun \w+ ?\(|func \w+ ?\()/y;
/** Annotations come in rows, one a line. */
const ANNOTATION_BELOW = /[ \t]{0,20}\r?\n[ \t]{0,20}@[A-Z]/y;
/** SQL's variables: "SELECT @total", "DECLARE @count INT". */
const SQL_BEFORE = /\b(?:SELECT|DECLARE|SET|WHERE|EXEC|AND|OR|INTO|BETWEEN|LIKE) (?:\w+ ?= ?)?$/;
/** Discord's older names, where the word before says so: other things have a "#" and four digits, too. */
const DISCORD = /(?<=\bdiscord\b[^\n]{0,12}[ :"'(])[\w.]{2,32}#\d{4}(?!\d)/gi;
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
      if (!isName(name) || isCode(text, at, end)) continue;
      const federated = text[end] === "@" ? hostEnd(text, end + 1) : -1;
      floor = federated === -1 ? end : federated;
      findings.push({ start: at, end: floor, key: text.slice(at + 1, floor).toLowerCase() });
    }
    if (text.includes("u/")) addMatches(text, REDDIT, findings);
    if (text.includes("#")) addMatches(text, DISCORD, findings);
    return findings.sort((a, b) => a.start - b.start);
  },
};

function addMatches(text: string, form: RegExp, findings: Finding[]): void {
  for (const { 0: written, index } of allMatches(text, form)) {
    findings.push({ start: index, end: index + written.length, key: written.replace(/^\/?u\//, "").toLowerCase() });
  }
}

/** A handle begins a word: after "x@" stands a host, after "/@" a path. A dot may go before it, so that all followers see it. */
function opens(text: string, at: number): boolean {
  if (text[at - 1] === "." && (at === 1 || /\s/.test(text.charAt(at - 2)))) return true;
  return at === 0 || (!isWord(text.charCodeAt(at - 1)) && !".%+-'/\\@$&=".includes(text.charAt(at - 1)));
}

function nameEnd(text: string, start: number): number {
  let end = start;
  const limit = Math.min(text.length, start + LONGEST);
  // Names in scripts without spaces end where a space or a sign says so.
  if (!isWord(text.charCodeAt(start))) {
    LETTERS.lastIndex = start;
    return start + (LETTERS.exec(text)?.[0].length ?? 0);
  }
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

/** `@Injectable()` is a decorator, `@scope/name` a package, `@click="…"` an attribute, `@Override public void …` an annotation. */
function isCode(text: string, at: number, end: number): boolean {
  const next = text.charAt(end);
  if (next === "(" || next === "{") return true;
  if (next === "/" && text.charAt(end + 1) !== "@") return true;
  if (next === "=" && /["'{]/.test(text.charAt(end + 1))) return true;
  DECLARATION.lastIndex = end;
  if (DECLARATION.test(text)) return true;
  ANNOTATION_BELOW.lastIndex = end;
  if (/[A-Z]/.test(text.charAt(at + 1)) && ANNOTATION_BELOW.test(text)) return true;
  return SQL_BEFORE.test(text.slice(Math.max(0, at - 24), at));
}
