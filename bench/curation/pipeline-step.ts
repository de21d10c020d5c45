// One measured step of the pipeline, in a process of its own so that its memory is its own: says seconds, rows and the most
// memory that it took as one line of JSON.
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { generateActivities } from "../../src/activities/generate.ts";
import { prepareActivities } from "../../src/activities/prepare.ts";
import { createPreparer } from "../../src/activities/preparing/preparer.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { openDatabase } from "../../src/db/database.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { createTrainers } from "../../src/trainers/registry.ts";

const [kind, url, loop, cycleId, folder, threads] = process.argv.slice(2) as [
  "prepare" | "generate",
  string,
  string,
  string,
  string,
  string,
];
const db = openDatabase(url);
const preparer = createPreparer(Number(threads));
const environment = new MockActivityEnvironment();
const began = process.hrtime.bigint();
const rows = await environment.run(async () => {
  if (kind === "prepare") {
    const { prepare } = prepareActivities({ db, preparer });
    return (await prepare({ loop, of: { cycleId }, asOf: Date.now(), mostMs: 1e9 })).prepared;
  }
  const providers = createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } });
  const deps = { db, artifacts: openArtifacts(folder), trainers: createTrainers(providers), codeVersion: "bench" };
  const made = await generateActivities({ ...deps, log: pino({ level: "silent" }) }).generate({ loop, cycleId });
  return made.kind === "built" ? made.examples : 0;
});
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
process.stdout.write(`${JSON.stringify({ rows, seconds, maxRssMb: process.resourceUsage().maxRSS / 1024 })}\n`);
await preparer.close();
await db.close();
