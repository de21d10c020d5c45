// What it takes to make a training set of what people said, and how well it is done. Redaction is the first part.

import type { BenchmarkOptions, BenchmarkReport } from "./benchmark.ts";
import { measureRedaction } from "./curation/redaction.ts";

export function run({ quick }: BenchmarkOptions): BenchmarkReport {
  const redaction = measureRedaction(quick);
  return { benchmark: "curation", against: "one regular expression for each kind, in the same run", ...redaction };
}
