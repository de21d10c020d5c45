// Makes a text safe to store and to upload: no half of a surrogate pair, no NUL.

/** The text with lone surrogates as U+FFFD and NUL characters removed: PostgreSQL refuses both, and so do some readers of JSON. */
export function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "") : whole;
}
