// Replaces personal data by typed, numbered placeholders that mean the same person throughout a conversation.

import { Fault } from "../domain/fault.ts";
import { allMatches } from "./redaction/all-matches.ts";
import { card } from "./redaction/card.ts";
import { email } from "./redaction/email.ts";
import { handle } from "./redaction/handle.ts";
import { iban } from "./redaction/iban.ts";
import { ip } from "./redaction/ip.ts";
import { phone } from "./redaction/phone.ts";
import type { Finding, Recogniser } from "./redaction/recogniser.ts";
import { secret } from "./redaction/secret.ts";
import { ssn } from "./redaction/ssn.ts";
import { url } from "./redaction/url.ts";

/**
 * In order of preference: where two findings of the same length meet, the earlier recogniser names the span. Those that
 * check digits come first.
 */
export const RECOGNISERS: readonly Recogniser[] = [iban, card, ssn, ip, secret, email, phone, url, handle];

export interface RedactorOptions {
  /** "all", "none", or names of types. */
  readonly types: "all" | "none" | readonly string[];
  /** What stays: a domain (with its sub-domains: the loop's own), or a whole address or number as written. */
  readonly allow?: readonly string[];
  /** Recognisers beyond the built-in ones; they count as known types, and "all" includes them. */
  readonly recognisers?: readonly Recogniser[];
}

/** Where something was found in the text that came in; UTF-16 units, `end` exclusive. */
export interface RedactedSpan {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** One conversation's numbering. Texts given to it share placeholders: [EMAIL_1] is the same address in all of them. */
export interface ConversationRedactor {
  redactText(text: string): { text: string; spans: RedactedSpan[] };
  /** How many spans were replaced so far, by type. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Redactor {
  readonly types: readonly string[];
  conversation(): ConversationRedactor;
}

interface Placed extends RedactedSpan {
  readonly key: string;
}

/** A redactor for the given types. Throws a Fault that names an unknown type and those that are known. */
export function createRedactor(options: RedactorOptions): Redactor {
  const known = [...RECOGNISERS, ...(options.recognisers ?? [])];
  const chosen = choose(options.types, known);
  const allowed = new Set((options.allow ?? []).map((entry) => entry.trim().toLowerCase()));
  return {
    types: chosen.map((recogniser) => recogniser.type),
    conversation: () => startConversation(chosen, allowed),
  };
}

/** What is personal in a text, in order, none overlapping: where findings overlap, all of them go, under the longest one's type. */
export function findPersonalData(
  text: string,
  recognisers: readonly Recogniser[],
  allowed: ReadonlySet<string> = new Set(),
): Placed[] {
  const all: Placed[] = [];
  for (const recogniser of recognisers) {
    const { type } = recogniser;
    for (const found of recogniser.find(text)) {
      // Before merging: what is allowed must not take along what stands within it, as a password in one's own address.
      if (allowed.size === 0 || !isAllowed(text, found, allowed)) all.push(placed(found, type, found.start, found.end));
    }
  }
  if (all.length > 1) all.sort((a, b) => a.start - b.start);
  const merged: Placed[] = [];
  for (const found of all) {
    const last = merged.at(-1);
    if (last === undefined || found.start >= last.end) merged.push(found);
    else {
      const longer = found.end - found.start > last.end - last.start ? found : last;
      merged[merged.length - 1] = placed(longer, longer.type, last.start, Math.max(last.end, found.end));
    }
  }
  return merged;
}

function placed({ key }: Finding, type: string, start: number, end: number): Placed {
  return { start, end, key, type };
}

function startConversation(recognisers: readonly Recogniser[], allowed: ReadonlySet<string>): ConversationRedactor {
  const numbers = new Map<string, number>();
  const highest = new Map<string, number>();
  const counts: Record<string, number> = {};
  return {
    counts,
    redactText(text) {
      if (text.includes("[")) reserve(text, highest);
      const found = findPersonalData(text, recognisers, allowed);
      let redacted = "";
      let position = 0;
      for (const one of found) {
        const key = `${one.type}\n${one.key}`;
        const number = numbers.get(key) ?? (highest.get(one.type) ?? 0) + 1;
        numbers.set(key, number);
        highest.set(one.type, Math.max(number, highest.get(one.type) ?? 0));
        counts[one.type] = (counts[one.type] ?? 0) + 1;
        redacted += `${text.slice(position, one.start)}[${one.type}_${number}]`;
        position = one.end;
      }
      const spans = found.map(({ start, end, type }) => ({ start, end, type }));
      return { text: found.length === 0 ? text : redacted + text.slice(position), spans };
    },
  };
}

/** A text that was redacted before, or that merely writes "[EMAIL_1]", must not share a number with someone else. */
function reserve(text: string, highest: Map<string, number>): void {
  for (const [, type, digits] of allMatches(text, /\[([A-Z]{2,16})_(\d{1,6})\]/g)) {
    if (type !== undefined) highest.set(type, Math.max(highest.get(type) ?? 0, Number(digits)));
  }
}

function isAllowed(text: string, found: Finding, allowed: ReadonlySet<string>): boolean {
  if (allowed.has(text.slice(found.start, found.end).toLowerCase())) return true;
  for (let domain = found.domain ?? ""; domain !== ""; domain = domain.slice(domain.indexOf(".") + 1)) {
    if (allowed.has(domain)) return true;
    if (!domain.includes(".")) return false;
  }
  return false;
}

function choose(types: RedactorOptions["types"], known: readonly Recogniser[]): readonly Recogniser[] {
  if (types === "all") return known;
  if (types === "none") return [];
  const wanted = types.map((type) => type.toUpperCase());
  const unknown = wanted.find((type) => !known.some((recogniser) => recogniser.type === type));
  if (unknown === undefined) return known.filter((recogniser) => wanted.includes(recogniser.type));
  const names = known.map((recogniser) => recogniser.type).join(", ");
  throw new Fault("invalid", `"${unknown}" is not a type of personal data that can be redacted`, {
    hint: `use "all", "none" or some of ${names}`,
  });
}
