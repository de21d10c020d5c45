// PostgreSQL's text cannot hold NUL, and its jsonb no lone surrogate: people's text may hold both.
import { cleanText } from "../domain/clean-text.ts";
import { Fault } from "../domain/fault.ts";

/** JSON of a value with NULs removed and lone surrogates replaced, in keys too. Throws a Fault for one that is nested beyond all measure. */
export function withoutNul(value: unknown): string {
  try {
    return written(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Fault("invalid", "something in it is nested too deeply to be kept", {
      hint: "send messages and data as they were said, a few levels deep; nothing was recorded",
    });
  }
}

function written(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "string") return cleanText(inner);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.keys(inner).some((key) => cleanText(key) !== key)
      ? Object.fromEntries(Object.entries(inner).map(([key, entry]) => [cleanText(key), entry]))
      : inner;
  });
}
