// Takes out of a recorded history what tells where it was recorded: the machine, the process, places in its files.

/** The same history for replay: identities are "worker", stack traces are gone. */
export function neutral(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(neutral);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== "stackTrace")
    .map(([key, inner]) => [key, key === "identity" && typeof inner === "string" ? "worker" : neutral(inner)]);
  return Object.fromEntries(entries);
}
