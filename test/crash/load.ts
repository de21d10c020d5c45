// npm run load: traffic from all sides while one process after another is killed; then the proof that nothing acknowledged
// was lost and nothing was doubled. Exit code 1 when something was.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { figureTable, killTable } from "./load-figures.ts";
import { runLoad } from "./load-run.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "120" },
    requests: { type: "string", default: "200" },
    ratings: { type: "string", default: "50" },
    "kill-every": { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const write = (text: string) => process.stdout.write(`${text}\n`);
const [seconds, requests, ratings, killEvery, seed] = [
  values.seconds,
  values.requests,
  values.ratings,
  values["kill-every"],
  values.seed,
].map(Number) as [number, number, number, number, number];

write(`${requests} requests/s and ${ratings} ratings/s for ${seconds} s, a kill every ${killEvery} s, seed ${seed}`);
write(`on ${cpus().length} processors: ${cpus()[0]?.model ?? "unknown"}`);
const report = await runLoad({
  seconds,
  requestsPerSecond: requests,
  ratingsPerSecond: ratings,
  killEveryMs: killEvery * 1000,
  seed,
  tell: write,
});
write("");
for (const line of [...figureTable(report), "", ...killTable(report), ""]) write(line);
write(
  `${report.cycles} cycles were started beside it; ${report.interactions} interactions and ${report.ratings} ratings are kept`,
);
for (const fault of report.faults) write(`✘ ${fault}`);
if (report.faults.length === 0)
  write(
    "✔ everything acknowledged is there once; everything else is there once or absent; every sum equals a recount; the audit chains hold",
  );
process.exitCode = report.faults.length === 0 ? 0 : 1;
