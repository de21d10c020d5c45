// Applies a change to every text inside a JSON value, so that nothing written in an unknown field escapes it.

/** Deeper than any chat message; a value beyond it is somebody's attempt to exhaust the stack. */
export const DEEPEST = 64;

export class NestedTooDeeply extends Error {}

/**
 * A copy of the value with `change` applied to its texts. `field` is the nearest object key above the text, "" at the top.
 * Throws NestedTooDeeply beyond 64 levels.
 */
export function mapTexts<Value>(value: Value, change: (text: string, field: string) => unknown): Value {
  return visit(value, change, "", 0) as Value;
}

/** Whether something in the value stands below so many levels. Never goes deeper itself. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function visit(
  value: unknown,
  change: (text: string, field: string) => unknown,
  field: string,
  depth: number,
): unknown {
  if (typeof value === "string") return change(value, field);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) throw new NestedTooDeeply(`nested more than ${DEEPEST} levels deep`);
  if (Array.isArray(value)) return value.map((item) => visit(item, change, field, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, change, key, depth + 1)]));
}
