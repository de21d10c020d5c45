// PostgreSQL's text cannot hold NUL, and its jsonb no lone surrogate: people's text may hold both.
import { cleanText } from "../domain/clean-text.ts";

/** JSON of a value with NULs removed and lone surrogates replaced, in keys too. */
export function withoutNul(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "string") return cleanText(inner);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.keys(inner).some((key) => cleanText(key) !== key)
      ? Object.fromEntries(Object.entries(inner).map(([key, entry]) => [cleanText(key), entry]))
      : inner;
  });
}
