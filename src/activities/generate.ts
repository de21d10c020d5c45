// Makes the snapshot of a cycle from what is prepared: builds it on the worker's own disk, keeps the files, and writes it
// down with its lineage.
import { Context } from "@temporalio/activity";
import type { Transaction } from "../db/database.ts";
import { newId } from "../domain/id.ts";
import type { SnapshotOutcome } from "../snapshot/build.ts";
import type { Manifest } from "../snapshot/manifest.ts";
import { narrowed } from "../snapshot/narrowed.ts";
import { readManifest } from "../snapshot/read-manifest.ts";
import { recipeId } from "../snapshot/recipe.ts";
import { closeAlert, openAlert } from "../store/alerts.ts";
import { type Cycle, enterStage, holdOpenCycle, loadCycle, putSnapshotAside, snapshotDraft } from "../store/cycles.ts";
import { settingsAt } from "../store/loops.ts";
import { isPrepared } from "../store/prepared.ts";
import {
  addSnapshot,
  announceFiles,
  forgetUnfinished,
  listSnapshots,
  type Snapshot,
  snapshotOfCycle,
  traceExamples,
} from "../store/snapshots.ts";
import { buildIn } from "./build-in.ts";
import type { ActivityDeps } from "./deps.ts";
import { recipeFrom } from "./prepare.ts";
import { makeSnapshotFolder, type SnapshotFolder } from "./snapshot-folder.ts";
import { optionsOfCycle } from "./snapshot-options.ts";

export type Generated =
  | { kind: "built"; snapshotId: string; examples: number; words: string }
  | { kind: "empty"; words: string }
  /** Not all of it is prepared by this worker's recipe: another version may have prepared by its own. */
  | { kind: "unprepared" };

type Built = Extract<SnapshotOutcome, { kind: "built" }>;

export function generateActivities(deps: Pick<ActivityDeps, "db" | "artifacts" | "trainers" | "codeVersion" | "log">) {
  const { db, artifacts, log } = deps;
  return {
    /**
     * Makes the cycle's snapshot, once: asked again it returns the one that is there. It stops when it hears that it was
     * cancelled, leaves nothing behind then, and writes nothing down for a cycle that is over.
     */
    async generate({ loop, cycleId }: { loop: string; cycleId: string }): Promise<Generated> {
      const snapshotId = newId();
      const { cycle, settings, made, isReady } = await db.withLoop(loop, async (tx) => {
        await enterStage(tx, loop, cycleId, "generate");
        const cycle = await loadCycle(tx, loop, cycleId);
        const settings = await settingsAt(tx, loop, cycle.settings_version);
        const draft = await snapshotDraft(tx, loop, cycleId);
        if (draft !== null) await forgetUnfinished(tx, draft); // of an attempt that did not come to its end
        await putSnapshotAside(tx, loop, cycleId, snapshotId);
        const made = await snapshotOfCycle(tx, cycleId);
        return {
          cycle,
          settings,
          made,
          isReady: await isPrepared(tx, loop, recipeId(recipeFrom(settings)), cycle.watermark),
        };
      });
      if (made !== null) return built(made, "made before");
      if (!isReady) return { kind: "unprepared" };
      const folder = await makeSnapshotFolder();
      try {
        let traced = 0;
        const options = await optionsOfCycle(deps, cycle, settings);
        const outcome = await buildIn(folder, db, options, {
          async trace(lines) {
            await db.withLoop(loop, (tx) => traceExamples(tx, loop, snapshotId, lines));
            traced += lines.length;
          },
          signal: Context.current().cancellationSignal,
        });
        if (outcome.kind === "empty") return { kind: "empty", words: outcome.words };
        await keep(cycle, snapshotId, folder, outcome, traced);
        await db.withLoop(loop, (tx) => forgetUnfinished(tx, snapshotId)); // when another attempt was quicker
        const kept = (await db.withLoop(loop, (tx) => snapshotOfCycle(tx, cycleId)))!;
        log.info({ event: "training_data_logged", loop, cycle: cycleId, snapshot: kept.id, examples: kept.examples });
        return built(kept, outcome.words);
      } catch (error) {
        await db.withLoop(loop, (tx) => forgetUnfinished(tx, snapshotId)).catch(() => {}); // the next attempt does, else the cycle's end
        throw error;
      } finally {
        await folder.remove();
      }
    },
  };

  async function keep(cycle: Cycle, snapshotId: string, folder: SnapshotFolder, outcome: Built, traced: number) {
    const { loop } = cycle;
    const { manifest, manifestSha256, pages } = outcome;
    const files = [...manifest.files, ...pages.map((page) => ({ ...page, examples: 0 }))];
    await db.withLoop(loop, async (tx) => {
      await holdOpenCycle(tx, loop, cycle.id);
      await announceFiles(tx, loop, files);
    });
    for (const { name, sha256: named } of files) {
      const kept = await artifacts.putFile(loop, folder.pathOf(name), Context.current().cancellationSignal);
      if (kept.sha256 !== named) throw new Error(`the file ${name} is not what was written`);
    }
    await db.withLoop(loop, async (tx) => {
      await holdOpenCycle(tx, loop, cycle.id); // its stage stays: another attempt may have been quicker, and it gone on
      await addSnapshot(
        tx,
        {
          id: snapshotId,
          loop,
          cycle_id: cycle.id,
          watermark: cycle.watermark,
          seed: manifest.seed,
          manifest,
          manifest_sha256: manifestSha256,
          examples: manifest.files.find((file) => file.role === "training")?.examples ?? 0,
          at: cycle.as_of,
        },
        files,
        traced,
      );
      await sayIfNarrowed(tx, cycle, manifest);
    });
  }
}

/** Opens an alert when the training set is less varied than the one before it; closes it when it is not any more. */
async function sayIfNarrowed(tx: Transaction, cycle: Cycle, manifest: Manifest): Promise<void> {
  const { loop } = cycle;
  const [, before] = await listSnapshots(tx, loop, { before: null, limit: 2 });
  const earlier = before === undefined ? null : readManifest(before.manifest);
  const words = narrowed(earlier?.diversity ?? null, manifest.diversity).join(" ");
  const alert = { kind: "narrowing", subject: "" } as const;
  if (words === "") await closeAlert(tx, loop, alert, cycle.as_of);
  else await openAlert(tx, loop, { ...alert, words, numbers: {} }, cycle.as_of);
}

const built = ({ id, examples }: Snapshot, words: string): Generated => ({
  kind: "built",
  snapshotId: id,
  examples,
  words,
});
