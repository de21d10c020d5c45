// Whether one JSON value holds all of another, and if not, where they part.

/**
 * Null when `value` has everything in `expected`: each field of an object, each item of a list at the same place and no more,
 * equal texts, numbers, booleans and nulls. Otherwise the place (as "/todo/0/title") and what was expected there.
 */
export function subsetFault(expected: unknown, value: unknown, place = ""): string | null {
  if (Array.isArray(expected)) {
    if (!Array.isArray(value)) return `${at(place)} is not a list`;
    if (value.length !== expected.length) return `${at(place)} has ${value.length} items, ${expected.length} expected`;
    return first(expected.map((item, index) => [item, value[index], `${place}/${index}`]));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return `${at(place)} is not an object`;
    const fields = value as Record<string, unknown>;
    const missing = Object.keys(expected).find((key) => !Object.hasOwn(fields, key));
    if (missing !== undefined) return `${at(`${place}/${missing}`)} is missing`;
    return first(Object.entries(expected).map(([key, item]) => [item, fields[key], `${place}/${key}`]));
  }
  return expected === value ? null : `${at(place)} is not ${JSON.stringify(expected)}`;
}

function first(pairs: readonly (readonly [unknown, unknown, string])[]): string | null {
  for (const [expected, value, place] of pairs) {
    const fault = subsetFault(expected, value, place);
    if (fault !== null) return fault;
  }
  return null;
}

function at(place: string): string {
  return place === "" ? "the answer" : place;
}
