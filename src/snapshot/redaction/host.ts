// Host names inside running text: where one begins and ends, and whether its last label is a top-level domain that exists.
import tlds from "tlds" with { type: "json" };
import { isAlphanumeric } from "./character.ts";

/** The list of IANA, and names that RFC 2606 and RFC 6762 reserve for examples and for networks of one's own. */
const TOP_LEVEL = new Set<string>([...tlds, "example", "invalid", "local", "internal", "onion"]);
/** RFC 1035: a host name has at most 253 characters. It also bounds the work for each candidate. */
const LONGEST = 253;
const DOT = 0x2e;
const HYPHEN = 0x2d;

export function isTopLevelDomain(label: string): boolean {
  return TOP_LEVEL.has(label.toLowerCase());
}

/**
 * The end of the host that begins at `start`: the longest run of labels that ends in an existing top-level domain,
 * or -1 when there is none. "acme.com.Thanks" ends after "com".
 */
export function hostEnd(text: string, start: number): number {
  const run = hostRunEnd(text, start);
  const labels = text.slice(start, run).split(".");
  let end = run;
  for (let index = labels.length - 1; index >= 1; index -= 1) {
    const label = labels[index] ?? "";
    if (isTopLevelDomain(label) && isLabel(labels[index - 1] ?? ""))
      return labels.slice(0, index).every(isLabel) ? end : -1;
    end -= label.length + 1;
  }
  return -1;
}

/** The end of the run of host characters at `start`, without trailing dots and hyphens; it stops at two dots in a row. */
export function hostRunEnd(text: string, start: number): number {
  let end = start;
  const limit = Math.min(text.length, start + LONGEST);
  while (end < limit) {
    const unit = text.charCodeAt(end);
    if (unit === DOT && text.charCodeAt(end + 1) === DOT) break;
    if (!isAlphanumeric(unit) && unit !== DOT && unit !== HYPHEN) break;
    end += 1;
  }
  while (end > start && !isAlphanumeric(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/** The start of the run of host characters that reaches `position`, not before `floor`. */
export function hostRunStart(text: string, position: number, floor: number): number {
  let start = position;
  const limit = Math.max(floor, position - LONGEST);
  while (start > limit) {
    const unit = text.charCodeAt(start - 1);
    if (!isAlphanumeric(unit) && unit !== DOT && unit !== HYPHEN) break;
    start -= 1;
  }
  while (start < position && !isAlphanumeric(text.charCodeAt(start))) start += 1;
  return start;
}

function isLabel(label: string): boolean {
  return label.length > 0 && label.length <= 63 && !label.startsWith("-") && !label.endsWith("-");
}
