// Whether a verdict can be believed, by simulated users, and what judging costs.

import type { BenchmarkOptions, BenchmarkReport } from "./benchmark.ts";
import { countCells } from "./evidence/count-cells.ts";
import { cupedTable } from "./evidence/cuped.ts";
import { simulationReport } from "./evidence/simulation-report.ts";
import { measureSpeed } from "./evidence/speed.ts";

/** The tables of docs/evidence-figures.md. Quick runs have a fiftieth of the repetitions: enough to see that it works, not to judge by. */
export async function run({ quick, threads }: BenchmarkOptions): Promise<BenchmarkReport> {
  const speed = measureSpeed(); // first, while nothing else of ours runs
  const started = Date.now();
  let told = 0;
  const counted = await countCells({ threads, share: quick ? 0.02 : 1 }, (done) => {
    const percent = Math.floor(done * 100);
    if (percent === told) return;
    told = percent;
    if (process.stderr.isTTY) process.stderr.write(`\rsimulated ${percent} %`);
    else if (percent % 10 === 0) process.stderr.write(`simulated ${percent} %\n`);
  });
  const { tables, cells, limits } = simulationReport(counted, !quick);
  const seconds = Math.round((Date.now() - started) / 1000);
  const experiments = [...counted.values()].reduce((sum, { repetitions }) => sum + repetitions, 0);
  return {
    benchmark: "evidence",
    against: "the floor, and a whole look at 1,000 users",
    rows: speed.rows,
    tables: [...tables, cupedTable(quick ? 10_000 : 200_000)],
    cells,
    limits: [...speed.limits, ...limits],
    notes: [
      ...speed.notes,
      `${experiments.toLocaleString("en-US")} simulated experiments in ${seconds} s on ${threads} ${threads === 1 ? "thread" : "threads"}`,
      "A/A: identical models. OFF: more than 5 points from the method's figure. TOO MANY: above 5 %.",
    ],
  };
}
