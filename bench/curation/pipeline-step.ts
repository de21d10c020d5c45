// One measured step of the pipeline, in a process of its own so that its memory is its own: says seconds, rows and the most
// memory that it took as one line of JSON.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { pino } from "pino";
import { z } from "zod";
import { generateActivities } from "../../src/activities/generate.ts";
import { prepareActivities } from "../../src/activities/prepare.ts";
import { createPreparer } from "../../src/activities/preparing/preparer.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { sql } from "../../src/db/sql.ts";
import { createProviders } from "../../src/providers/providers.ts";
import { createTrainers } from "../../src/trainers/registry.ts";
import { PATTERNS } from "./naive-redaction.ts";

export type Step = "prepare" | "generate" | "naive";

export interface StepOptions {
  readonly step: Step;
  readonly url: string;
  readonly loop: string;
  readonly cycleId: string;
  readonly folder: string;
  readonly threads: number;
}

export interface StepResult {
  readonly rows: number;
  readonly seconds: number;
  readonly maxRssMb: number;
}

const options = JSON.parse(process.argv[2]!) as StepOptions;
const { step, loop, cycleId, folder } = options;
const db = openDatabase(options.url, { mostWorkedMs: 600_000 });
const preparer = createPreparer(options.threads);
const began = process.hrtime.bigint();
const rows = (await new MockActivityEnvironment().run(work)) as number;
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const result: StepResult = { rows, seconds, maxRssMb: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(`${JSON.stringify(result)}\n`);
await preparer.close();
await db.close();

async function work(): Promise<number> {
  if (step === "naive") return naive(db, loop, join(folder, "naive.jsonl"));
  if (step === "prepare") {
    const { prepare } = prepareActivities({ db, preparer });
    return (await prepare({ loop, of: { cycleId }, asOf: Date.now(), mostMs: 1e9 })).prepared;
  }
  const providers = createProviders({ "openai-wire": { baseURL: null, apiKey: null }, sandbox: { baseURL: null } });
  const deps = { db, artifacts: openArtifacts(folder), trainers: createTrainers(providers), codeVersion: "bench" };
  const made = await generateActivities({ ...deps, log: pino({ level: "silent" }) }).generate({ loop, cycleId });
  return made.kind === "built" ? made.examples : 0;
}

/** What a script does: one expression for each kind of personal data, tokens, exact copies, and out. */
async function naive(from: Database, name: string, path: string): Promise<number> {
  const out = createWriteStream(path);
  const seen = new Set<string>();
  const row = z.object({ id: z.string(), messages: z.array(z.unknown()), response: z.unknown() });
  let after = "00000000-0000-0000-0000-000000000000";
  let tokens = 0;
  let lines = 0;
  for (;;) {
    const chunk = await from.withLoop(name, (tx) =>
      tx.rows(
        row,
        sql`select interaction.id, messages, response from interaction join feedback on feedback.interaction_id = interaction.id and value = '1'
            where interaction.loop = ${name} and interaction.id > ${after}::uuid order by interaction.id limit 2000`,
      ),
    );
    for (const { messages, response } of chunk) {
      let line = JSON.stringify({ messages: [...messages, response] });
      for (const [type, pattern] of Object.entries(PATTERNS)) line = line.replace(pattern, `[${type}]`);
      tokens += encode(line).length;
      const key = createHash("sha256").update(line.toLowerCase()).digest("base64");
      if (seen.has(key)) continue;
      seen.add(key);
      lines += 1;
      out.write(`${line}\n`);
    }
    if (chunk.length < 2000) break;
    after = chunk.at(-1)!.id;
  }
  await new Promise((resolve) => out.end(resolve));
  if (tokens === 0) throw new Error("no tokens were counted");
  return lines;
}
