// The report of a load run as tables in Markdown, as docs/durability.md keeps them.
import type { LoadReport } from "./load-run.ts";

export function figureTable({ figures, unacknowledgedButThere }: LoadReport): string[] {
  return [
    "| | sent | attempts | acknowledged | not acknowledged, there all the same | refused attempts, by status or error | p50, ms | p99, ms |",
    "|---|---|---|---|---|---|---|---|",
    ...Object.entries(figures).map(([kind, { sent, attempts, acknowledged, refused, p50, p99 }]) => {
      const why = Object.entries(refused).map(([status, count]) => `${status}: ${count}`);
      const cells = [
        kind,
        sent,
        attempts,
        acknowledged,
        unacknowledgedButThere[kind],
        why.join(", ") || "none",
        p50,
        p99,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ];
}

export function killTable({ kills }: LoadReport): string[] {
  const seconds = (ms: number | null) => (ms === null ? "never" : (ms / 1000).toFixed(2));
  return [
    "| killed | ready again after, s | first request after the kill answered after, s |",
    "|---|---|---|",
    ...kills.map((kill) => `| ${kill.name} | ${seconds(kill.readyAfter)} | ${seconds(kill.answeredAfter)} |`),
  ];
}
