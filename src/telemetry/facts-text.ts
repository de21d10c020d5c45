// What the rows say, as Prometheus' text: a counter that lives in the database is shown as it stands, not counted again.
import { METRICS, type MetricName } from "./metrics.ts";

export interface Fact {
  name: MetricName;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** The exposition of these facts, grouped by metric. */
export function factsText(facts: readonly Fact[]): string {
  return [...Map.groupBy(facts, ({ name }) => name)]
    .map(([name, samples]) => {
      const { help, type } = METRICS[name];
      return `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(line).join("")}`;
    })
    .join("");
}

function line({ name, labels, value }: Fact): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
