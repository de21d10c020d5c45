// Makes the snapshot of a cycle from what is prepared: builds it on the worker's own disk, keeps the files, and writes it
// down with its lineage.
import { Context } from "@temporalio/activity";
import { z } from "zod";
import { milliseconds } from "../domain/duration.ts";
import { newId } from "../domain/id.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { lastUserText, message } from "../domain/message.ts";
import { sha256 } from "../domain/sha256.ts";
import { SINCE_TRAINING } from "../domain/snapshot-settings.ts";
import { buildSnapshot, type SnapshotOptions, type SnapshotOutcome } from "../snapshot/build.ts";
import { recipeId } from "../snapshot/recipe.ts";
import { type Cycle, enterStage, holdOpenCycle, loadCycle, reserveSnapshotId } from "../store/cycles.ts";
import { learnedUpTo } from "../store/feedback/summary.ts";
import { goldCases } from "../store/gold.ts";
import { settingsAt } from "../store/loops.ts";
import { baseOf } from "../store/models.ts";
import {
  addSnapshot,
  forgetUnfinished,
  type Snapshot,
  snapshotOfCycle,
  snapshotsOfDay,
  traceExamples,
} from "../store/snapshots.ts";
import type { ActivityDeps } from "./deps.ts";
import { showProgress } from "./heartbeat.ts";
import { recipeFrom } from "./prepare.ts";
import { preparedRows } from "./prepared-source.ts";
import { makeSnapshotFolder, type SnapshotFolder } from "./snapshot-folder.ts";

export type Generated =
  | { kind: "built"; snapshotId: string; examples: number; words: string }
  | { kind: "empty"; words: string };

type Built = Extract<SnapshotOutcome, { kind: "built" }>;

export function generateActivities(deps: Pick<ActivityDeps, "db" | "artifacts" | "trainers" | "codeVersion" | "log">) {
  const { db, artifacts, log } = deps;
  return {
    /**
     * Makes the cycle's snapshot, once: asked again it returns the one that is there. It stops when it hears that it was
     * cancelled, leaves nothing behind then, and writes nothing down for a cycle that is over.
     */
    async generate({ loop, cycleId }: { loop: string; cycleId: string }): Promise<Generated> {
      const { cycle, settings, made, snapshotId } = await db.withLoop(loop, async (tx) => {
        await enterStage(tx, loop, cycleId, "generate");
        const found = await loadCycle(tx, loop, cycleId);
        const snapshotId = await reserveSnapshotId(tx, loop, cycleId, newId());
        await forgetUnfinished(tx, snapshotId); // what an attempt left that did not come to its end
        return {
          cycle: found,
          settings: await settingsAt(tx, loop, found.settings_version),
          made: await snapshotOfCycle(tx, cycleId),
          snapshotId,
        };
      });
      if (made !== null) return built(made, "made before");
      const folder = await makeSnapshotFolder();
      try {
        const outcome = await build(cycle, settings, snapshotId, folder);
        if (outcome.kind === "empty") return { kind: "empty", words: outcome.words };
        await keep(cycle, snapshotId, folder, outcome);
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

  async function build(
    cycle: Cycle,
    settings: LoopSettings,
    snapshotId: string,
    folder: SnapshotFolder,
  ): Promise<SnapshotOutcome> {
    const { loop } = cycle;
    const { cancellationSignal: signal } = Context.current();
    const options = await optionsOf(deps, cycle, settings);
    const { window } = settings.snapshot;
    const isDuration = window !== null && window !== SINCE_TRAINING;
    const rows = preparedRows(db, {
      loop,
      recipe: recipeId(options.recipe),
      watermark: cycle.watermark,
      ratedOnly: settings.snapshot.positiveOnly,
      window: {
        since: isDuration ? new Date(cycle.as_of.getTime() - milliseconds(window)) : null,
        afterPulse: options.windowFrom,
      },
      onProgress: (read) => showProgress({ read }),
      signal,
    });
    return buildSnapshot(rows, options, {
      scratch: folder.scratch,
      open: folder.openFile,
      trace: (lines) => db.withLoop(loop, (tx) => traceExamples(tx, loop, snapshotId, lines)),
      onProgress: (written) => showProgress({ written }),
      signal,
    });
  }

  async function keep(cycle: Cycle, snapshotId: string, folder: SnapshotFolder, outcome: Built): Promise<void> {
    const { loop } = cycle;
    const { manifest, manifestSha256, pages } = outcome;
    const files = [...manifest.files, ...pages.map((page) => ({ ...page, examples: 0 }))];
    for (const { name, sha256: named } of files) {
      const kept = await artifacts.putFile(loop, folder.pathOf(name), Context.current().cancellationSignal);
      if (kept.sha256 !== named) throw new Error(`the file ${name} is not what was written`);
    }
    const lines = manifest.files
      .filter(({ role }) => role !== "examples")
      .reduce((sum, file) => sum + file.examples, 0);
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
        lines,
      );
    });
  }
}

const built = ({ id, examples }: Snapshot, words: string): Generated => ({
  kind: "built",
  snapshotId: id,
  examples,
  words,
});

const goldDefinition = z.looseObject({ messages: z.array(message).optional(), input: z.string().optional() });

/** What a gold case asks, as an example's question is looked at. */
function questionOf(definition: unknown): string {
  const { messages, input } = goldDefinition.parse(definition);
  return input ?? lastUserText(messages ?? []);
}

/** All that a snapshot depends on besides its rows. */
async function optionsOf(
  { db, trainers, codeVersion }: Pick<ActivityDeps, "db" | "trainers" | "codeVersion">,
  cycle: Cycle,
  settings: LoopSettings,
): Promise<SnapshotOptions> {
  const { loop } = cycle;
  const { redact: _, allow: __, redactAt: ___, ...rules } = settings.snapshot;
  const { goldSet } = settings.evaluation;
  const found = await db.withLoop(loop, async (tx) => ({
    windowFrom: rules.window === SINCE_TRAINING ? (await learnedUpTo(tx, loop)).watermark : null,
    before: await snapshotsOfDay(tx, loop, cycle.as_of),
    gold: goldSet === null ? [] : await goldCases(tx, loop, goldSet),
    base: (await baseOf(tx, settings)).provider,
  }));
  const asked = found.gold.map(({ definition }) => questionOf(definition));
  return {
    loop,
    settings: { ...rules, missingQuality: settings.quality.missing },
    recipe: recipeFrom(settings),
    asOf: cycle.as_of,
    numberOfDay: found.before + 1,
    watermark: cycle.watermark,
    windowFrom: found.windowFrom,
    codeVersion,
    seed: loop, // the loop's own, so that a person stays on the same side of the split from snapshot to snapshot
    gold: asked.length === 0 ? null : { asked, sha256: sha256(JSON.stringify(asked)) },
    rehearsal: [],
    estimate: (tokens) =>
      Object.fromEntries(
        Object.values(trainers).map((trainer) => [
          trainer.name,
          trainer.estimate({ base: found.base, tokens, epochs: settings.training.epochs }),
        ]),
      ),
  };
}
