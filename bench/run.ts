// Runs one benchmark by name, or all of them: npm run bench [name] [-- --json].

import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { type BenchmarkReport, tableOf } from "./benchmark.ts";

const NOT_BENCHMARKS = ["run.ts", "benchmark.ts"];

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !NOT_BENCHMARKS.includes(file))
  .map((file) => file.slice(0, -".ts".length))
  .sort();

process.exitCode = await main();

async function main(): Promise<number> {
  let wanted: string[];
  let json: boolean;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    wanted = positionals.length > 0 ? positionals : names;
    json = values.json;
  } catch (fault) {
    process.stderr.write(`${(fault as Error).message}\nUsage: npm run bench [name] [-- --json]\n`);
    return 2;
  }
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no benchmark "${unknown[0]}". There are: ${names.join(", ")}.\n`);
    return 2;
  }
  let holds = true;
  for (const name of wanted) {
    const { run }: { run: () => BenchmarkReport | Promise<BenchmarkReport> } = await import(`./${name}.ts`);
    const report = await run();
    holds &&= report.limits.every((limit) => limit.holds);
    if (!json) process.stdout.write(`${tableOf(report)}\n`);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
  return holds ? 0 : 1;
}
