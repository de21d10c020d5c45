// All that a snapshot depends on besides its rows: from a cycle's settings, or from the manifest of one that was made.
import { z } from "zod";
import { milliseconds } from "../domain/duration.ts";
import { Fault } from "../domain/fault.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { lastUserText, message } from "../domain/message.ts";
import { sha256 } from "../domain/sha256.ts";
import { SINCE_TRAINING } from "../domain/snapshot-settings.ts";
import type { SnapshotOptions, SnapshotSettings } from "../snapshot/build.ts";
import { MANIFEST_FORMAT, type Manifest } from "../snapshot/manifest.ts";
import { readRehearsal } from "../snapshot/rehearsal-file.ts";
import type { Cycle } from "../store/cycles.ts";
import { learnedUpTo } from "../store/feedback/summary.ts";
import { goldCases } from "../store/gold.ts";
import { baseOf } from "../store/models.ts";
import { snapshotsOfDay } from "../store/snapshots.ts";
import type { ActivityDeps } from "./deps.ts";
import { recipeFrom } from "./prepare.ts";

const goldDefinition = z.looseObject({ messages: z.array(message).optional(), input: z.string().optional() });

/** What a gold case asks, as an example's question is looked at. */
function questionOf(definition: unknown): string {
  const { messages, input } = goldDefinition.parse(definition);
  return input ?? lastUserText(messages ?? []);
}

/** The options of a cycle's snapshot: as its settings say, with the gold set and the code of now. */
export async function optionsOfCycle(
  { db, artifacts, trainers, codeVersion }: Pick<ActivityDeps, "db" | "artifacts" | "trainers" | "codeVersion">,
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
    windowSince: sinceOf(rules.window, cycle.as_of),
    codeVersion,
    seed: loop, // the loop's own, so that a person stays on the same side of the split from snapshot to snapshot
    gold: asked.length === 0 ? null : { asked, sha256: sha256(JSON.stringify(asked)) },
    rehearsal: await rehearsalOf({ artifacts }, loop, rules.rehearsalFile),
    estimate: (tokens) =>
      Object.fromEntries(
        Object.values(trainers).map((trainer) => [
          trainer.name,
          trainer.estimate({ base: found.base, tokens, epochs: settings.training.epochs }),
        ]),
      ),
  };
}

/**
 * The options that a snapshot was made with. `asked` is what the gold set asked then: its file names it. Throws a Fault for a
 * manifest that code of another kind wrote.
 */
export async function optionsOfManifest(
  { artifacts }: Pick<ActivityDeps, "artifacts">,
  manifest: Manifest,
  asked: readonly string[],
): Promise<SnapshotOptions> {
  if (manifest.format !== MANIFEST_FORMAT)
    throw new Fault(
      "conflict",
      `the snapshot was made in the form ${manifest.format}, and this code makes ${MANIFEST_FORMAT}`,
      {
        hint: "its files are kept as they are; make it again with the version that made it",
      },
    );
  const { id: _, ...recipe } = manifest.recipe;
  const settings = manifest.settings as unknown as SnapshotSettings;
  return {
    loop: manifest.loop,
    settings,
    recipe,
    asOf: new Date(manifest.created_for),
    numberOfDay: manifest.number_of_day,
    watermark: manifest.watermark,
    windowFrom: manifest.window_from,
    windowSince: manifest.window_since === null ? null : new Date(manifest.window_since),
    codeVersion: manifest.code_version,
    seed: manifest.seed,
    gold: manifest.gold === null ? null : { asked, sha256: manifest.gold.sha256 },
    rehearsal: await rehearsalOf({ artifacts }, manifest.loop, settings.rehearsalFile),
    estimate: () => manifest.estimated_usd,
  };
}

/** The lines of the operator's own file to rehearse from, where there is one. */
async function rehearsalOf({ artifacts }: Pick<ActivityDeps, "artifacts">, loop: string, file: string | null) {
  return file === null ? [] : readRehearsal(await artifacts.read(loop, file));
}

/** From which instant a window of a duration opens; null for any other. */
function sinceOf(window: string | null, asOf: Date): Date | null {
  return window === null || window === SINCE_TRAINING ? null : new Date(asOf.getTime() - milliseconds(window));
}
