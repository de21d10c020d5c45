// Reads a page in Prometheus' text format.

export interface Sample {
  /** As on the line, with _bucket, _sum or _count for a histogram. */
  name: string;
  /** Of the metric itself, as its TYPE line has it. */
  metric: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  /** By metric: counter, gauge, histogram. */
  types: Record<string, string>;
  samples: Sample[];
  /** The value of the one sample with this name and at least these labels; undefined when there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

/** Throws on a line that is none of the format's. */
export function readExposition(text: string): Exposition {
  const types: Record<string, string> = {};
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("# HELP ") || line === "# EOF") continue;
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|unknown)$/.exec(line);
    if (type !== null) {
      if (type[1]! in types) throw new Error(`two TYPE lines for ${type[1]}`);
      types[type[1]!] = type[2]!;
      continue;
    }
    const found = SAMPLE.exec(line);
    if (found === null) throw new Error(`not a line of the format: ${line}`);
    const [, name = "", pairs = "", value = ""] = found;
    const labels = Object.fromEntries(
      [...pairs.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = "", given = ""]) => [label, given]),
    );
    samples.push({ name, metric: metricOf(name, types), labels, value: Number(value) });
  }
  return {
    types,
    samples,
    value: (name, labels = {}) =>
      samples.find(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, given]) => sample.labels[label] === given),
      )?.value,
  };
}

function metricOf(name: string, types: Record<string, string>): string {
  const stem = name.replace(/_(bucket|sum|count)$/, "");
  return types[stem] === "histogram" ? stem : name;
}
