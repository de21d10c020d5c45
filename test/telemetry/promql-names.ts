// The names in a PromQL query: of metrics, and of labels. Not a parser: enough to find a name that is not there.

const WORDS = new Set([
  "and",
  "or",
  "unless",
  "bool",
  "offset",
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "inf",
  "nan",
]);
const LABEL_LISTS = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)/g;

/** Without texts and comments, which may hold anything. */
const bare = (query: string) => query.replace(/"(?:[^"\\]|\\.)*"/g, '""');

/** Each metric once, in order of appearance. */
export function metricsIn(query: string): string[] {
  const rest = bare(query)
    .replace(LABEL_LISTS, " ")
    .replace(/\{[^{}]*\}/g, " ")
    .replace(/\[[^[\]]*\]/g, " ")
    .replace(/\b\d[\w.]*/g, " ");
  const names = [...rest.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([name]) => name);
  return [...new Set(names.filter((name) => !WORDS.has(name.toLowerCase())))];
}

/** Each label once, sorted. */
export function labelsIn(query: string): string[] {
  const text = bare(query);
  const listed = [...text.matchAll(LABEL_LISTS)].flatMap(([, labels = ""]) => labels.split(","));
  const matched = [...text.matchAll(/\{([^{}]*)\}/g)].flatMap(([, inner = ""]) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
  );
  return [...new Set([...listed, ...matched].map((label) => label.trim()).filter((label) => label !== ""))].sort();
}
