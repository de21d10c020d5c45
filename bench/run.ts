// Runs one benchmark by name, or all of them: npm run bench [name] [-- --json --quick --threads N].

import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type BenchmarkOptions, type BenchmarkReport, tableOf } from "./benchmark.ts";

const NOT_BENCHMARKS = ["run.ts", "benchmark.ts", "table.ts"];
const USAGE = "Usage: npm run bench [name] [-- --json --quick --threads N]";

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !NOT_BENCHMARKS.includes(file))
  .map((file) => file.slice(0, -".ts".length))
  .sort();

process.exitCode = await main();

async function main(): Promise<number> {
  let wanted: string[];
  let json: boolean;
  let options: BenchmarkOptions;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        threads: { type: "string", default: String(availableParallelism()) },
      },
    });
    wanted = positionals.length > 0 ? positionals : names;
    json = values.json;
    options = { quick: values.quick, threads: Number(values.threads) };
    if (!(Number.isInteger(options.threads) && options.threads >= 1 && options.threads <= 256))
      throw new Error(`--threads is a number from 1 to 256, not ${values.threads}.`);
  } catch (fault) {
    process.stderr.write(`${(fault as Error).message}\n${USAGE}\n`);
    return 2;
  }
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no benchmark "${unknown[0]}". There are: ${names.join(", ")}.\n`);
    return 2;
  }
  let holds = true;
  for (const name of wanted) {
    const { run }: { run: (options: BenchmarkOptions) => BenchmarkReport | Promise<BenchmarkReport> } = await import(
      `./${name}.ts`
    );
    const report = await run(options);
    holds &&= report.limits.every((limit) => limit.holds);
    if (!json) process.stdout.write(`${tableOf(report)}\n`);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
  return holds ? 0 : 1;
}
