// What scripts usually redact by: one regular expression for each kind, and nothing that checks what it finds.

export const PATTERNS: Readonly<Record<string, RegExp>> = {
  EMAIL: /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  PHONE: /\+?\d[\d\s().-]{7,}\d/g,
  URL: /https?:\/\/\S+|www\.\S+/g,
  HANDLE: /(?<!\w)@\w+/g,
  IBAN: /\b[A-Z]{2}\d{2}[A-Z0-9 ]{11,30}\b/g,
  CARD: /\b(?:\d[ -]?){13,16}\b/g,
  IP: /\b\d{1,3}(?:\.\d{1,3}){3}\b/g,
  SSN: /\b\d{3}-\d{2}-\d{4}\b/g,
  SECRET: /\b(?:sk|pk|ghp|AKIA)[\w-]{16,}\b/g,
};

/** All that any of the patterns matches; overlaps stay, as they do in such scripts. */
export function findNaively(text: string): { start: number; end: number; type: string }[] {
  return Object.entries(PATTERNS).flatMap(([type, pattern]) =>
    Array.from(text.matchAll(pattern), ({ 0: written, index }) => ({
      start: index,
      end: index + written.length,
      type,
    })),
  );
}
