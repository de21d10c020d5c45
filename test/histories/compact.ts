// A recorded history as it is kept: one event a line, without what nobody reads again, and without what tells where it was
// recorded: the machine, the process, places in its files. Summaries and stages stay: legible.test.ts reads them.

/** Fields of any event that no replay reads. */
const NEEDLESS = new Set([
  ...["identity", "stackTrace", "binaryChecksum", "workerVersion", "meteringMetadata", "historySizeBytes"],
  ...["taskId", "version", "requestId", "header"],
]);
/** What a workflow gave away: its commands are compared by kind, name and place, not by what is in them. */
const GIVEN: Record<string, readonly string[]> = {
  activityTaskScheduledEventAttributes: ["input", "taskQueue", "retryPolicy"],
};

/** A history as `historyToJSON` gives it, in the form that is kept. */
export function compact(history: { events?: unknown[] }): string {
  return `{"events":[\n${(history.events ?? []).map((event) => JSON.stringify(slim(event))).join(",\n")}\n]}\n`;
}

function slim(value: unknown, given: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((inner) => slim(inner));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !NEEDLESS.has(key) && !given.includes(key))
    .map(([key, inner]) => [key, slim(inner, GIVEN[key])]);
  return Object.fromEntries(entries);
}
