// Which UTF-16 units can stand in a name or a host: Latin, Greek and Cyrillic letters and digits; other scripts run on without spaces and so end a candidate.

/** A letter or digit of a script that separates words by spaces. */
export function isAlphanumeric(unit: number): boolean {
  if (unit < 0x80)
    return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
  return (unit >= 0xc0 && unit <= 0x52f && unit !== 0xd7 && unit !== 0xf7) || (unit >= 0x1e00 && unit <= 0x1fff);
}

/** Alphanumeric or an underscore; false past either end of a text (NaN). */
export function isWord(unit: number): boolean {
  return isAlphanumeric(unit) || unit === 0x5f;
}

export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
