// One text for one value, whatever order its keys were written in: what is hashed must not depend on that.

/**
 * JSON with keys in code-unit order at every level, without white space or indented by `indent`; undefined fields are left out
 * and dates are written in ISO 8601, as JSON.stringify does.
 */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(sorted(value), null, indent) ?? "null";
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map(sorted);
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
