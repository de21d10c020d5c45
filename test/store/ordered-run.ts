// A training run of a cycle of its own, which is over: what budgets and runs are tried on.
import type { Database } from "../../src/db/database.ts";
import { newId } from "../../src/domain/id.ts";
import { createCycle, endCycle } from "../../src/store/cycles.ts";
import { addSnapshot } from "../../src/store/snapshots.ts";
import { intendRun, type TrainingRun } from "../../src/store/training-runs.ts";
import { ASKED, AT } from "./loop-fixture.ts";

/** Its snapshot's files, as far as an order names them: nobody reads what is in them. */
const FILES = ["training", "examples"].map((role) => ({
  role,
  name: `${role}.jsonl`,
  sha256: "0".repeat(64),
  bytes: 1,
  examples: 1,
}));

/** Makes one; as many as wanted, since each gives the slot back. */
export function orderRun(db: Database, loop: string, settingsVersion = 1): Promise<TrainingRun> {
  return db.withLoop(loop, async (tx) => {
    const from = { pulse: null, watermark: 0, settingsVersion, asOf: AT };
    const { id: cycleId } = await createCycle(tx, loop, ASKED, from);
    const snapshotId = newId();
    const snapshot = {
      id: snapshotId,
      loop,
      cycle_id: cycleId,
      watermark: 0,
      seed: "1",
      manifest: { files: FILES },
      examples: 0,
      at: AT,
    };
    await addSnapshot(tx, { ...snapshot, manifest_sha256: "0".repeat(64) }, [], 0);
    await endCycle(tx, loop, cycleId, "failed", ASKED, AT); // before the intent: an unsent run ends with its cycle
    const { isNew: _, ...run } = await intendRun(tx, {
      id: newId(),
      loop,
      cycleId,
      attempt: 1,
      snapshotId,
      trainer: "openai-wire",
      at: AT,
    });
    return run;
  });
}
