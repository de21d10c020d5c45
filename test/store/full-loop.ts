// A loop with at least one row in every table: what was said, learned, tried, promoted, noticed and decided.
import { createHash } from "node:crypto";
import type { Database, Transaction } from "../../src/db/database.ts";
import { newId } from "../../src/domain/id.ts";
import { openAlert } from "../../src/store/alerts.ts";
import { reserveBudget } from "../../src/store/budget.ts";
import { collect } from "../../src/store/collect.ts";
import { createCycle } from "../../src/store/cycles.ts";
import { answeredOnce } from "../../src/store/experiment/answered-once.ts";
import { beginExperiment, promote } from "../../src/store/experiment/lifecycle.ts";
import { recordFeedback } from "../../src/store/feedback/record.ts";
import { addEvaluation, putGoldCases } from "../../src/store/gold.ts";
import { recordInteractions } from "../../src/store/interactions.ts";
import { addKey } from "../../src/store/keys.ts";
import { addModel, championOf } from "../../src/store/models.ts";
import { concludePulse } from "../../src/store/pulses.ts";
import { addSnapshot, traceExamples } from "../../src/store/snapshots.ts";
import { intendRun, runSubmitted } from "../../src/store/training-runs.ts";
import {
  ASKED,
  AT,
  HOUR,
  hours,
  interactionOf,
  look,
  makeLoop,
  PARAMETERS,
  PROMOTE,
  ratingOf,
} from "./loop-fixture.ts";
import { prepareUpTo } from "./prepare-up-to.ts";

const SHA = createHash("sha256").update("a file").digest("hex");

/** The ids that matter of a loop whose candidate went the whole way into probation. */
export interface FullLoop {
  cycleId: string;
  experimentId: string;
  snapshotId: string;
  runId: string;
  interactionId: string;
}

/** Makes it, by the store alone, in the order in which a loop lives. */
export async function makeFullLoop(db: Database, name: string): Promise<FullLoop> {
  await makeLoop(db, name);
  await db.withLoop(name, (tx) =>
    addKey(tx, {
      id: `key-${name}`,
      loop: name,
      name: "of a test",
      scopes: ["read"],
      secretHash: Buffer.from("hash"),
      createdBy: "ada",
      expiresAt: null,
      at: AT,
    }),
  );
  await talk(db, name, null);
  const pulse = await collect(db, name, AT);
  await prepareUpTo(db, name, pulse.number);
  return db
    .withLoop(name, async (tx) => {
      const from = { pulse: pulse.number, watermark: pulse.number, settingsVersion: 1, asOf: AT };
      const cycle = await createCycle(tx, name, ASKED, from);
      await concludePulse(tx, name, pulse.number, { analysis: {}, due: true, reason: "due", cycleId: cycle.id });
      const { snapshotId, runId, modelId } = await learn(tx, name, cycle.id, pulse.number);
      const champion = await championOf(tx, name);
      await putGoldCases(tx, name, "gold", [{ name: "one", definition: {} }], AT);
      await addEvaluation(tx, name, {
        cycle_id: cycle.id,
        candidate_id: modelId,
        champion_id: champion.id,
        gold_set: "gold",
        passed: true,
        reason: "passed",
        report: {},
        at: AT,
      });
      const begin = { id: newId(), cycleId: cycle.id, challengerId: modelId, parameters: PARAMETERS, at: AT };
      const experiment = await beginExperiment(tx, name, begin, ASKED);
      await look(tx, experiment, 1, PROMOTE);
      const given = { experimentId: experiment.id, key: "update/1", asked: { kind: "pause" as const, ...ASKED } };
      await answeredOnce(tx, name, given, AT, async () => ({ done: { status: "running", outcome: null } }));
      await openAlert(tx, name, { kind: "approval", subject: "", words: "low", numbers: {} }, AT);
      await promote(tx, name, experiment.id, { verdict: PROMOTE, supported: true, at: hours(1) }, ASKED);
      return { cycleId: cycle.id, experimentId: experiment.id, snapshotId, runId };
    })
    .then(async (made) => ({ ...made, interactionId: await talk(db, name, made.experimentId) }));
}

async function talk(db: Database, loop: string, experimentId: string | null): Promise<string> {
  const [id] = await db.withLoop(loop, async (tx) =>
    recordInteractions(tx, loop, [
      interactionOf({
        messages: [{ role: "user", content: "a secret question" }],
        clientId: `client-${experimentId}`,
        unit: "unit-1",
        conversation: "conversation-1",
        modelId: (await championOf(tx, loop)).id,
        counted: experimentId === null ? null : { experimentId, phase: "probation", stratum: 0 },
      }),
    ]),
  );
  await db.withLoop(loop, (tx) => recordFeedback(tx, loop, [ratingOf(id!, 1, { comment: "a secret comment" })], AT));
  return id!;
}

async function learn(tx: Transaction, loop: string, cycleId: string, watermark: number) {
  const snapshotId = newId();
  const interactionId = newId();
  await traceExamples(tx, loop, snapshotId, [{ file: "train.jsonl", line: 1, interactionId, feedbackId: null }]);
  await addSnapshot(
    tx,
    {
      id: snapshotId,
      loop,
      cycle_id: cycleId,
      watermark,
      seed: "1",
      manifest: {},
      manifest_sha256: SHA,
      examples: 1,
      at: AT,
    },
    [{ name: "train.jsonl", sha256: SHA, bytes: 6, examples: 1 }],
    1,
  );
  const run = await intendRun(tx, {
    id: newId(),
    loop,
    cycleId,
    attempt: 1,
    snapshotId,
    trainer: "in-context",
    at: AT,
  });
  await reserveBudget(tx, loop, { id: run.id, estimateUsd: 1, at: AT }, { perRunUsd: 10, monthlyUsd: 50 });
  await runSubmitted(tx, loop, run.id, "job-1", new Date(AT.getTime() + HOUR));
  const model = await addModel(tx, {
    id: newId(),
    loop,
    name: `${loop}-v1`,
    kind: "in-context",
    role: "candidate",
    provider: { provider: "sandbox", baseURL: null, model: "sandbox-base" },
    examples: { sha256: SHA, perRequest: 8 },
    trainingRunId: run.id,
    at: AT,
  });
  return { snapshotId, runId: run.id, modelId: model.id };
}
