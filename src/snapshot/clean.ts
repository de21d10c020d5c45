// Makes text safe to store and to upload: no half of a surrogate pair, no NUL.
import { mapTexts } from "./map-texts.ts";

/** The text with lone surrogates as U+FFFD and NUL characters removed: PostgreSQL refuses the one, JSON readers both. */
export function cleanText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "") : whole;
}

/** A copy of a JSON value with every text in it made safe. Throws NestedTooDeeply beyond 64 levels. */
export function cleanTexts<Value>(value: Value): Value {
  return mapTexts(value, cleanText);
}
