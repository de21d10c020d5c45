// The order of a cycle's training run: the same whoever asks for it, and whenever, since all of it is on record.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { type Cycle, loadCycle } from "../store/cycles.ts";
import { settingsAt } from "../store/loops.ts";
import { baseOf } from "../store/models.ts";
import { type Snapshot, snapshotOfCycle } from "../store/snapshots.ts";
import { runOfCycle, type TrainingRun, trainingKey } from "../store/training-runs.ts";
import type { TrainingFile, TrainingOrder } from "../trainers/trainer.ts";
import type { ActivityDeps } from "./deps.ts";

const manifest = z.looseObject({
  files: z.array(
    z.looseObject({
      name: z.string(),
      role: z.string(),
      sha256: z.string(),
      bytes: z.number(),
      examples: z.number(),
      tokens: z.number().optional(),
    }),
  ),
});

/** For snapshots from before tokens were counted. */
const BYTES_PER_TOKEN = 4;

/** One attempt at a cycle's training: the first by the trainer of the settings, the second by the fallback. */
export interface OfAttempt {
  loop: string;
  cycleId: string;
  attempt: number;
}

/** Everything about an attempt, read afresh. */
export interface Ordered {
  cycle: Cycle;
  settings: LoopSettings;
  snapshot: Snapshot;
  run: TrainingRun | null;
  order: TrainingOrder;
}

export async function readOrder(
  { db, artifacts }: Pick<ActivityDeps, "db" | "artifacts">,
  { loop, cycleId, attempt }: OfAttempt,
): Promise<Ordered> {
  const { cycle, settings, base, snapshot, run } = await db.withLoop(loop, async (tx) => {
    const cycle = await loadCycle(tx, loop, cycleId);
    const settings = await settingsAt(tx, loop, cycle.settings_version);
    return {
      cycle,
      settings,
      base: await baseOf(tx, settings),
      snapshot: await snapshotOfCycle(tx, cycleId),
      run: await runOfCycle(tx, cycleId, attempt),
    };
  });
  if (snapshot === null) throw new Error(`cycle ${cycleId} has no snapshot`);
  const { files } = manifest.parse(snapshot.manifest);
  const fileOf = (role: "training" | "validation" | "examples"): TrainingFile | null => {
    const file = files.find((one) => one.role === role);
    return file === undefined || file.examples === 0
      ? null
      : { name: file.name, sha256: file.sha256, bytes: file.bytes, read: () => artifacts.get(loop, file.sha256) };
  };
  const training = fileOf("training");
  const examples = fileOf("examples");
  if (training === null || examples === null)
    throw new Error(`snapshot ${snapshot.id} has no training or no examples file`);
  const trainingTokens = files.find(({ role }) => role === "training")?.tokens ?? training.bytes / BYTES_PER_TOKEN;
  const order: TrainingOrder = {
    key: trainingKey(cycleId, attempt),
    base: base.provider,
    training,
    validation: fileOf("validation"),
    examples,
    examplesPerRequest: settings.training.examplesPerRequest,
    tokens: trainingTokens,
    epochs: settings.training.epochs,
    suffix: `${loop}-cycle-${cycle.number}`,
    seed: createHash("sha256").update(cycleId).digest().readUInt32BE() >>> 1,
  };
  return { cycle, settings, snapshot, run, order };
}
