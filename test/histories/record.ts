// Records the histories that replay.test.ts replays: every workflow, every way it can end, every stage. `npm run histories`
import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { devServerEnvironment, timeSkippingEnvironment, within } from "../support/temporal.ts";
import { openWorld, type World } from "../support/world.ts";
import { compact } from "./compact.ts";
import { recordCycles } from "./record-cycles.ts";
import { recordExperiments } from "./record-experiments.ts";
import { recordResets } from "./record-resets.ts";
import { WANTED } from "./wanted.ts";

/**
 * Keeps every run of a workflow, the first one first, as `name`, or as `name-1`, `name-2`, …; of one that is under way,
 * only the run that is: the earlier ones are kept when it has ended.
 */
export type Keep = (name: string, workflowId: string) => Promise<void>;

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const recorded = new Map<string, string>();

const keeping =
  (world: World): Keep =>
  async (name, workflowId) => {
    const runs: string[] = [];
    for (let runId: string | undefined; ; ) {
      const history = await world.environment.client.workflow.getHandle(workflowId, runId).fetchHistory();
      runs.unshift(compact(JSON.parse(historyToJSON(history)) as { events: unknown[] }));
      const before = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
      if (!before || name.includes("-under-way")) break;
      runId = before;
    }
    for (const [index, run] of runs.entries()) {
      const file = runs.length === 1 ? `${name}.json` : `${name}-${index + 1}.json`;
      recorded.set(file, run);
      process.stdout.write(`${file}\n`);
    }
  };

async function inWorld(open: typeof devServerEnvironment, record: (world: World, keep: Keep) => Promise<void>) {
  await within(open, async (environment) => {
    const world = await openWorld(environment);
    try {
      await record(world, keeping(world));
    } finally {
      await world.close();
    }
  });
}

await inWorld(timeSkippingEnvironment, async (world, keep) => {
  await recordCycles(world, keep);
  await recordExperiments(world, keep);
});
await inWorld(devServerEnvironment, recordResets); // the time-skipping server has no resets
const stems = new Set([...recorded.keys()].map((name) => name.replace(/(-\d+)?\.json$/, "")));
assert.deepEqual([...stems].sort(), WANTED.toSorted());
// All or nothing: a recording that failed leaves the former histories as they were.
for (const file of readdirSync(FOLDER)) if (file.endsWith(".json")) rmSync(`${FOLDER}${file}`);
for (const [file, history] of recorded) writeFileSync(`${FOLDER}${file}`, history);
