// Applies a change to every text inside a JSON value, so that nothing written in an unknown field escapes it.

/** Deeper than any chat message; a value beyond it is somebody's attempt to exhaust the stack. */
export const DEEPEST = 64;

export class NestedTooDeeply extends Error {}

/** What becomes of a text. `field` is the nearest object key above it, `owner` the one above that; "" where there is none. */
type Change = (text: string, field: string, owner: string) => unknown;

/**
 * A copy of the value with `change` applied to its texts, and `rename` to the names of its fields. Throws NestedTooDeeply
 * beyond 64 levels.
 */
export function mapTexts<Value>(value: Value, change: Change, rename: (key: string) => string = (key) => key): Value {
  return visit(value, { change, rename }, "", "", 0) as Value;
}

/** Whether something in the value stands below so many levels. Never goes deeper itself. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

interface Changes {
  readonly change: Change;
  readonly rename: (key: string) => string;
}

function visit(value: unknown, changes: Changes, field: string, owner: string, depth: number): unknown {
  if (typeof value === "string") return changes.change(value, field, owner);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) throw new NestedTooDeeply(`nested more than ${DEEPEST} levels deep`);
  if (Array.isArray(value)) return value.map((item) => visit(item, changes, field, owner, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [changes.rename(key), visit(item, changes, key, field, depth + 1)]),
  );
}
