// Finds passwords and tokens by what stands before them: "password=", "Authorization: Bearer", "user:…@" in an address.
import { allMatches } from "./all-matches.ts";
import type { Place } from "./provider-keys.ts";

const PASSWORD =
  "pass(?:word|wd|phrase|code|wort)|kennwort|contraseña|contrasena|mot de passe|senha|пароль|密码|密碼|パスワード|비밀번호";
const KEY =
  "secret|token|(?:api|access|auth|account|private|signing|encryption|client|shared|service|master|license|webhook)[_ -]?key|apikey|credentials?|sessionid";
/** A name, an assignment, and a value in quotes or up to a space. What the name stands within ("DB_PASSWORD", "clientSecretValue") does not matter. */
const ASSIGNED = new RegExp(
  String.raw`(?:(?<password>${PASSWORD}|(?<![a-z])(?:pwd|pass|pw)(?![a-z]))|(?<key>${KEY}))(?<rest>[\w-]{0,24})\\?["'${"`"}]?(?:\s{0,2}(?::=|=>|[:=：])\s{0,2}|\s(?<said>is|was|ist|est|es|to)(?: now)?:?\s|(?<=--[\w-]{1,40})\s)(?:\\?"(?<double>[^"\\\n]{4,200})\\?"|'(?<single>[^'\n]{4,200})'|(?<bare>[^\s"'${"`"}<>(){},;\\]{4,400}))`,
  "dgiu",
);
/** What a name goes on with that holds something about the secret: "PASSWORD_RESET_TIMEOUT", "token_type". */
const ABOUT = /length|len\b|timeout|min|max|expir|reset|policy|age|ttl|count|attempt|hint|type|name|url|uri|path|file/i;
const GATE = new RegExp(`${PASSWORD}|${KEY}|pwd|pass|pw`, "iu");
const HEADER = /\b(?:Bearer|Basic|Token|ApiKey)\s{1,3}(?<value>[\w.~+/-]{12,4000}={0,2})/dg;
/** `curl -u name:password`. */
const CREDENTIALS = /\s(?:-u|--user)[ =]["']?[\w.@-]{1,64}:(?<value>[^\s"']{4,128})/dg;
const IN_ADDRESS = /:\/\/[^\s:@/"'<>]{0,64}:(?<value>[^\s@/"'<>]{1,128})@/dg;
/** What stands for a value: a variable, a call, a mask, a word of configuration. */
const STANDS_FOR =
  /^(?:[$%<{[*&]|\.{2,}|x{4,}$|(?:process|os|env|ENV|config|settings|secrets|vars|self|this|req|request|props)\b[.[(]|(?:null|none|nil|true|false|undefined|string|str|required|optional|redacted|hidden|masked|example|changeme|placeholder|password|secret|token|yes|no)[.,;!?]*$|your|my[_-]|insert|enter|https?:\/\/)/i;

/** Where values stand that were given as a password, a key or a token, and are surely that. */
export function findAssignedSecrets(text: string): Place[] {
  const places: Place[] = [];
  if (GATE.test(text)) findAssigned(text, places);
  if (/Bearer|Basic|Token|ApiKey/.test(text)) find(text, HEADER, isDense, places);
  if (text.includes("-u")) find(text, CREDENTIALS, isValue, places);
  if (text.includes("://")) find(text, IN_ADDRESS, isValue, places);
  return places;
}

function findAssigned(text: string, places: Place[]): void {
  for (const match of allMatches(text, ASSIGNED)) {
    const { password, rest = "", said, bare, double, single } = match.groups ?? {};
    if (ABOUT.test(rest)) continue;
    if (bare === undefined) {
      if ((password === undefined ? isDense : isValue)(double ?? single ?? ""))
        places.push(placeOf(match, double === undefined ? "single" : "double"));
      continue;
    }
    const place = placeOf(match, "bare");
    const value = text.slice(place.start, place.end);
    // A call gives the value, or the sentence says something about passwords in general.
    if (text.charAt(place.start + bare.length) === "(" || (said !== undefined && !/\d/.test(value))) continue;
    if ((password === undefined ? isDense : isPassword)(value)) places.push(place);
  }
}

function find(text: string, form: RegExp, fits: (value: string) => boolean, places: Place[]): void {
  for (const match of allMatches(text, form)) {
    const place = placeOf(match, "value");
    if (fits(text.slice(place.start, place.end))) places.push(place);
  }
}

/** Where a named part of a match stands, without the punctuation of the sentence around it. */
function placeOf(match: RegExpMatchArray, group: string): Place {
  const [start, end] = match.indices?.groups?.[group] ?? [0, 0];
  const behind = group === "bare" ? (/[.,;:?]*$/.exec(match.groups?.[group] ?? "")?.[0].length ?? 0) : 0;
  return { start, end: end - behind };
}

function isValue(value: string): boolean {
  return !STANDS_FOR.test(value);
}

/** Without quotes a word alone may be a type or a variable: a digit among letters, a sign, or six figures make it a password. */
function isPassword(value: string): boolean {
  if (value.length < 5 || !isValue(value)) return false;
  return /^\d{6,}$/.test(value) || (/\d/.test(value) && /[^\d\W]/.test(value)) || /\w[!@#$%^&*+?]\w?/.test(value);
}

/** As random as a token: sixteen units or more, digits among letters, no spaces. */
function isDense(value: string): boolean {
  return (
    value.length >= 16 &&
    /^[\w.~+/=:!@#$%^&*-]+$/.test(value) &&
    /\d/.test(value) &&
    /[a-z]/i.test(value) &&
    isValue(value)
  );
}
