// What it takes to make a training set of what people said, and how well it is done.

import type { BenchmarkOptions, BenchmarkReport } from "./benchmark.ts";
import { measureNearDuplicates } from "./curation/near-duplicates.ts";
import { measurePipeline } from "./curation/pipeline.ts";
import { measureRedaction } from "./curation/redaction.ts";
import { measureTokens } from "./curation/tokens.ts";

export async function run({ quick, threads }: BenchmarkOptions): Promise<BenchmarkReport> {
  const parts = [
    measureRedaction(quick),
    await measureNearDuplicates(quick),
    measureTokens(quick),
    await measurePipeline(quick, threads),
  ];
  return {
    benchmark: "curation",
    against:
      "of redaction one regular expression for each kind, of tokens gpt-tokenizer, of the whole a script, in the same run; of near-copies the limit",
    rows: parts.flatMap(({ rows }) => rows),
    tables: parts.flatMap(({ tables }) => tables),
    limits: parts.flatMap(({ limits }) => limits),
    notes: parts.flatMap(({ notes }) => notes),
  };
}
