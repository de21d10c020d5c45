// What tests of a loop's life share: people talk, a pulse finds a retrain due, a cycle runs, and rows tell what came of it.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { TASK_QUEUE } from "../../src/domain/task-queues.ts";
import type { FaultInput } from "../../src/sandbox/fault-document.ts";
import type { CycleResult } from "../../src/workflows/cycle.ts";
import { pulse } from "../../src/workflows/index.ts";
import type { PulseResult } from "../../src/workflows/pulse.ts";
import type { World } from "../support/world.ts";

/** Settings by which a hundred ratings are enough to learn from, with experiments that many people meet. */
export const QUICK = {
  readiness: { minFeedback: 60, optimalFeedback: 1000 },
  triggers: { newSamples: 60 },
  snapshot: { validationShare: 0 },
};

/** An experiment in seconds: for real time. */
export const SECONDS = {
  share: 0.5,
  minEvidence: "1 second",
  minDuration: "1 second",
  maxDuration: "1 hour",
  lookEvery: "1 second",
};

export type Row = Record<string, unknown>;

export function loopLife(world: World) {
  const { environment, database } = world;
  const { workflow } = environment.client;

  return {
    query: database.query,

    /** A pulse now, outside its schedule. */
    pulse: (loop: string): Promise<PulseResult> =>
      workflow.execute(pulse, { taskQueue: TASK_QUEUE, workflowId: `pulse/${loop}`, args: [{ loop }] }),

    /** Ratings, and the pulse that finds a retrain due; the cycle it started. */
    async duePulse(loop: string): Promise<string> {
      await world.talk(loop, { count: 120, approval: 0.8 });
      const result = await this.pulse(loop);
      assert.equal(result.due, true, result.reason);
      return result.cycleId!;
    },

    cycleResult: (id: string): Promise<CycleResult> => workflow.getHandle(`cycle/${id}`).result(),

    /** A loop whose experiment runs: the experiment's id. */
    async underExperiment(loop: string): Promise<string> {
      const cycle = await this.cycleResult(await this.duePulse(loop));
      assert.equal(cycle.outcome, "experiment", cycle.reason);
      return (await this.only("select id from experiment where loop = $1 and status <> 'closed'", loop)).id as string;
    },

    experimentHandle: (id: string) => workflow.getHandle(`experiment/${id}`),

    /** The one row of a query with one parameter. */
    async only(text: string, value: unknown): Promise<Row> {
      const rows = await database.query(text, [value]);
      assert.equal(rows.length, 1, `${rows.length} rows: ${text}`);
      return rows[0]!;
    },

    /** The first row that the query gives, once it gives one. */
    async untilRow(what: string, text: string, values: unknown[]): Promise<Row> {
      return until(what, async () => (await database.query(text, values))[0]);
    },

    async roles(loop: string): Promise<Record<string, string>> {
      const rows = await database.query("select name, role from model where loop = $1 order by id", [loop]);
      return Object.fromEntries(rows.map((row) => [row.name, row.role]));
    },

    /** Who holds the slot: "cycle/…" or "experiment/…", or null. */
    async slot(loop: string): Promise<string | null> {
      const [held] = await database.query(
        "select coalesce('experiment/' || experiment_id, 'cycle/' || cycle_id) as holder from slot where loop = $1 and released_at is null",
        [loop],
      );
      return (held?.holder as string | undefined) ?? null;
    },

    async openAlerts(loop: string): Promise<string[]> {
      const rows = await database.query(
        "select kind || ' ' || subject as alert from alert where loop = $1 and closed_at is null and kind in ('workflow_lost', 'workflow_reset', 'orphan_job', 'trainer_closed') order by kind, subject",
        [loop],
      );
      return rows.map((row) => row.alert as string);
    },

    /** Every entry about something: "<action> by <actor>". Pulses need their loop: two may bear the same instant. */
    async audited(subject: string, loop: string | null = null): Promise<string[]> {
      const rows = await database.query(
        "select action || ' by ' || actor as entry from audit where subject = $1 and loop = coalesce($2, loop) order by loop, sequence",
        [subject, loop],
      );
      return rows.map((row) => row.entry as string);
    },

    /** Switches faults on in the sandbox while `work` is done. */
    async withFaults<T>(faults: FaultInput[], work: () => Promise<T>): Promise<T> {
      const url = `${world.sandbox.url}/_sandbox/faults`;
      const response = await fetch(url, { method: "POST", body: JSON.stringify(faults) });
      assert.ok(response.ok, await response.text());
      try {
        return await work();
      } finally {
        await fetch(url, { method: "DELETE" });
      }
    },

    /** What the sandbox was asked and did since it started. */
    async stats(): Promise<{ jobsCreated: number; requests: Record<string, number> }> {
      const response = await fetch(`${world.sandbox.url}/_sandbox/stats`);
      return (await response.json()) as { jobsCreated: number; requests: Record<string, number> };
    },

    /** The status of each job that the sandbox holds for a cycle's training run. */
    async jobsOf(cycleId: string): Promise<string[]> {
      const client = world.providers.client({ provider: "sandbox", baseURL: null });
      const { data } = await client.fineTuning.jobs.list({ metadata: { ratchet_key: `${cycleId}/train` }, limit: 100 });
      return data.map((job) => job.status);
    },
  };
}

/** Asks until something is there, for a minute or as long as told. */
export async function until<T>(
  what: string,
  read: () => Promise<T | undefined | null | false>,
  seconds = 60,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await read();
    if (found !== undefined && found !== null && found !== false) return found;
    await sleep(50);
  }
  return assert.fail(`in ${seconds} seconds: ${what} never came`);
}
