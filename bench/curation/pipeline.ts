// The whole way from interactions to a snapshot: how many rows a second, in how much memory, and the same bytes whatever
// the number of threads and whoever is killed in the middle; beside a script that does the same as scripts do.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCycle, endCycle } from "../../src/store/cycles.ts";
import { ASKED, AT, makeLoop, warmUp } from "../../test/store/loop-fixture.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import type { BenchmarkReport } from "../benchmark.ts";
import type { Table } from "../table.ts";
import { fillLoop } from "./pipeline-corpus.ts";
import type { Step, StepOptions, StepResult } from "./pipeline-step.ts";

const PREPARE = 5_000;
const SNAPSHOT = 40_000;
const MEMORY_MB = 512;

/** Everything stays that is no copy, so that a snapshot writes as much as it can. */
const SETTINGS = { snapshot: { maxFileBytes: 100_000_000_000, perUnitShare: 1 } };

type Part = Pick<BenchmarkReport, "rows" | "limits"> & { tables: Table[]; notes: string[] };

export async function measurePipeline(quick: boolean, threads: number): Promise<Part> {
  const sizes = quick ? [20_000] : [200_000, 1_000_000];
  const measured: Awaited<ReturnType<typeof measureSize>>[] = [];
  for (const rows of sizes) measured.push(await measureSize(rows, threads));
  const same = await sameBytes(quick ? 4_000 : 20_000);
  const best = (of: (one: (typeof measured)[number]) => StepResult, per = 1) =>
    Math.max(...measured.map((one) => one.rows / of(one).seconds / per));
  const memory = Math.max(...measured.flatMap(({ prepare, generate }) => [prepare.maxRssMb, generate.maxRssMb]));
  const line = (limit: string, holds: boolean) => ({ limit, holds });
  return {
    rows: measured.flatMap(({ rows, naive, prepare, generate }) => {
      const peer = naive.seconds / rows;
      const row = (subject: string, { seconds }: StepResult) => ({
        case: `${rows.toLocaleString("en-US")} rows`,
        subject: `${subject} (${Math.round(rows / seconds).toLocaleString("en-US")} rows a second)`,
        nanoseconds: (seconds / rows) * 1e9,
        ratio: seconds / rows / peer,
      });
      return [
        row("a script: redact, count, drop exact copies, write", naive),
        row(`prepare, once, on ${threads} threads`, prepare),
        row("a snapshot of what is prepared", generate),
      ];
    }),
    tables: [
      {
        title: "Most memory of a process, MB",
        columns: ["rows", "script", "prepare", "snapshot"],
        rows: measured.map(({ rows, naive, prepare, generate }) => [
          rows.toLocaleString("en-US"),
          ...[naive, prepare, generate].map(({ maxRssMb }) => maxRssMb.toFixed(0)),
        ]),
      },
    ],
    limits: [
      line(
        `preparing at ${PREPARE.toLocaleString("en-US")} rows a second a thread (${Math.round(best((one) => one.prepare, threads))})`,
        best((one) => one.prepare, threads) >= PREPARE,
      ),
      line(
        `a snapshot at ${SNAPSHOT.toLocaleString("en-US")} rows a second (${Math.round(best((one) => one.generate))})`,
        best((one) => one.generate) >= SNAPSHOT,
      ),
      line(`within ${MEMORY_MB} MB a process (${memory.toFixed(0)})`, memory <= MEMORY_MB),
      line(`the same bytes on 1, 2 and 4 threads, and killed in the middle (${same.words})`, same.holds),
    ],
    notes: ["the database shares the processors with what is measured"],
  };
}

export async function measureSize(rows: number, threads: number) {
  return inLoop(rows, async (run) => ({
    rows,
    naive: await run("naive", threads),
    prepare: await run("prepare", threads),
    generate: await run("generate", threads),
  }));
}

/** Prepares and makes the same rows' snapshot anew in every way that must make no difference. */
async function sameBytes(rows: number): Promise<{ holds: boolean; words: string }> {
  return inLoop(rows, async (run, { database, startOver, killed }) => {
    const hashes: string[] = [];
    const hash = async () => {
      const [snapshot] = await database.query("select manifest_sha256 as hash from snapshot order by id desc limit 1");
      hashes.push(snapshot!.hash as string);
      await startOver();
    };
    for (const threads of [1, 2, 4]) {
      await run("prepare", threads);
      await run("generate", threads);
      await hash();
    }
    const deaths = [await killed("prepare", "select 1 from prepared limit 1")];
    await run("prepare", 2);
    deaths.push(await killed("generate", "select 1 from snapshot_example limit 1"));
    await run("generate", 2);
    await hash();
    const died = deaths.filter((dead) => dead).length;
    return {
      holds: new Set(hashes).size === 1 && died === 2,
      words: `${new Set(hashes).size} manifest of ${hashes.length} runs, ${died} of 2 killed before their end`,
    };
  });
}

interface LoopTools {
  database: TestDatabase;
  /** As if nothing had been prepared or made. */
  startOver(): Promise<void>;
  /** Runs a step until the query finds a row, and kills it then; whether it died before its end. */
  killed(step: Step, once: string): Promise<boolean>;
}

async function inLoop<T>(
  rows: number,
  work: (run: (step: Step, threads: number) => Promise<StepResult>, tools: LoopTools) => Promise<T>,
): Promise<T> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "ratchet-bench-"));
  try {
    await warmUp(database.db);
    await makeLoop(database.db, "bench", SETTINGS);
    await fillLoop(database, "bench", rows);
    await database.query("vacuum analyze");
    let cycleId = await begin(database);
    const options = (step: Step, threads: number): StepOptions => {
      return { step, threads, url: database.url, loop: "bench", cycleId, folder };
    };
    return await work((step, threads) => finished(start(options(step, threads))), {
      database,
      async startOver() {
        await database.db.withLoop("bench", (tx) => endCycle(tx, "bench", cycleId, "failed", ASKED, AT));
        for (const table of ["prepared", "preparation", "snapshot_example", "snapshot_file", "snapshot"])
          await database.query(`delete from ${table}`);
        cycleId = await begin(database);
      },
      async killed(step, until) {
        const child = start(options(step, 2));
        while (child.exitCode === null && (await database.query(until)).length === 0);
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
        return child.signalCode === "SIGKILL";
      },
    });
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function begin({ db }: TestDatabase): Promise<string> {
  const from = { pulse: null, watermark: 1, settingsVersion: 1, asOf: AT };
  return (await db.withLoop("bench", (tx) => createCycle(tx, "bench", ASKED, from))).id;
}

function start(options: StepOptions): ChildProcess {
  const script = join(import.meta.dirname, "pipeline-step.ts");
  return spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
}

async function finished(child: ChildProcess): Promise<StepResult> {
  let said = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error("a step of the pipeline failed");
  return JSON.parse(said) as StepResult;
}
