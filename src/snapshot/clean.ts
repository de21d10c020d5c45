// Makes whole JSON values safe to store and to upload.
import { cleanText } from "../domain/clean-text.ts";
import { mapTexts } from "./map-texts.ts";

/** A copy of a JSON value with every text in it made safe. Throws NestedTooDeeply beyond 64 levels. */
export function cleanTexts<Value>(value: Value): Value {
  return mapTexts(value, cleanText);
}
