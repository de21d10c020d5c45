// Why examples were dropped, in words, beside a column that says how many.
import { DROP_RULES, type DropRule, dropPhrase } from "../snapshot/drop-words.ts";

/** "below quality 0.7". A rule of another version is its own name. */
export function dropInWords(rule: string, count: number, settings: Readonly<Record<string, unknown>>): string {
  if (!DROP_RULES.includes(rule as DropRule)) return rule;
  return dropPhrase(rule as DropRule, count, Number(settings.minQuality)).replace(/^\d+ (that )?/, "");
}
