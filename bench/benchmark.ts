// What a benchmark gives back, and how it is shown: a table for people, then one line of JSON.

import { aligned, type Table } from "./table.ts";

export interface BenchmarkOptions {
  /** A run of a minute or less, for a first impression. */
  quick: boolean;
  /** How many threads a benchmark that uses several may use. */
  threads: number;
}

export interface BenchmarkRow {
  case: string;
  subject: string;
  /** How long one call takes, in nanoseconds: the median of the rounds. */
  nanoseconds: number;
  /** Times the peer's or the limit's nanoseconds: below 1 is quicker. */
  ratio: number;
}

export interface BenchmarkReport {
  benchmark: string;
  /** What the ratios are against. */
  against: string;
  rows: BenchmarkRow[];
  /** What has to hold, and whether it does. */
  limits: { limit: string; holds: boolean }[];
  /** What is not about time. */
  tables?: Table[];
  /** Each figure of the tables by itself, for programs. */
  cells?: readonly unknown[];
  /** Things to know when reading it: what was skipped, and why. */
  notes?: string[];
}

/** Median nanoseconds of a call over some rounds, after a warm-up; `work` must give a number, so that it cannot be left out. */
export function nanosecondsPerCall(work: (index: number) => number, calls = 200_000, rounds = 7): number {
  let kept = 0;
  const run = () => {
    const start = process.hrtime.bigint();
    for (let index = 0; index < calls; index++) kept += work(index);
    return Number(process.hrtime.bigint() - start) / calls;
  };
  run();
  const times = Array.from({ length: rounds }, run).sort((a, b) => a - b);
  if (Number.isNaN(kept)) throw new Error("the measured work gave no number");
  return times[Math.floor(rounds / 2)]!;
}

/** A report as a table with aligned columns. */
export function tableOf(report: BenchmarkReport): string {
  const lines = [
    ["case", "what", "ns a call", "ratio"],
    ...report.rows.map((row) => [row.case, row.subject, row.nanoseconds.toFixed(0), row.ratio.toFixed(2)]),
  ];
  const limits = report.limits.map(({ limit, holds }) => `${holds ? "holds" : "FAILS"}: ${limit}`);
  const tables = (report.tables ?? []).flatMap(({ title, columns, rows }) => [
    "",
    title,
    ...aligned([columns, ...rows], 1),
    "",
  ]);
  const head = `${report.benchmark} (ratio against ${report.against})`;
  return [head, ...aligned(lines, 2), ...tables, ...(report.notes ?? []), ...limits].join("\n");
}
