// Makes the snapshot of a cycle: reads in chunks, builds, keeps the files, writes it down with its lineage.
import { Context } from "@temporalio/activity";
import type { Database } from "../db/database.ts";
import { newId } from "../domain/id.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { buildSnapshot } from "../snapshot/build.ts";
import type { SnapshotRow } from "../snapshot/row.ts";
import { type Cycle, enterStage, holdOpenCycle, loadCycle } from "../store/cycles.ts";
import { settingsAt } from "../store/loops.ts";
import { addSnapshot, interactionsUpTo, snapshotOfCycle } from "../store/snapshots.ts";
import type { ActivityDeps } from "./deps.ts";
import { showProgress } from "./heartbeat.ts";

const CHUNK = 2_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

export type Generated =
  | { kind: "built"; snapshotId: string; examples: number; words: string }
  | { kind: "empty"; words: string };

export function generateActivities({
  db,
  artifacts,
  codeVersion,
  log,
}: Pick<ActivityDeps, "db" | "artifacts" | "codeVersion" | "log">) {
  return {
    /**
     * Makes the cycle's snapshot, once: asked again it returns the one that is there. It stops when it hears that it was
     * cancelled, and writes nothing down for a cycle that is over.
     */
    async generate({ loop, cycleId }: { loop: string; cycleId: string }): Promise<Generated> {
      const { cycle, settings, made } = await db.withLoop(loop, async (tx) => {
        await enterStage(tx, loop, cycleId, "generate");
        const found = await loadCycle(tx, loop, cycleId);
        return {
          cycle: found,
          settings: await settingsAt(tx, loop, found.settings_version),
          made: await snapshotOfCycle(tx, cycleId),
        };
      });
      if (made !== null) return { kind: "built", snapshotId: made.id, examples: made.examples, words: "made before" };

      const { cancellationSignal } = Context.current();
      const sources = new Map<string, string | null>();
      const rows = readRows(db, loop, cycle, settings, sources, cancellationSignal);
      const outcome = await buildSnapshot(rows, {
        loop,
        asOf: cycle.as_of,
        watermark: cycle.watermark,
        codeVersion,
        seed: loop, // the loop's own, so that a person stays on the same side of the split from snapshot to snapshot
        settings: {
          minQuality: settings.snapshot.minQuality,
          positiveOnly: settings.snapshot.positiveOnly,
          missingQuality: settings.quality.missing,
          redact: settings.snapshot.redact,
          validationShare: settings.snapshot.validationShare,
          maxFileBytes: settings.snapshot.maxFileBytes,
        },
      });
      if (outcome.kind === "empty") return { kind: "empty", words: outcome.words };

      for (const file of outcome.files) {
        cancellationSignal.throwIfAborted();
        await artifacts.put(loop, file.content);
      }
      const snapshotId = newId();
      const files = outcome.manifest.files.map(({ name, sha256, bytes, examples }) => ({
        name,
        sha256,
        bytes,
        examples,
      }));
      const training = outcome.manifest.files.find((file) => file.role === "training");
      await db.withLoop(loop, async (tx) => {
        await holdOpenCycle(tx, loop, cycleId); // its stage stays: another attempt may have been quicker, and it gone on
        await addSnapshot(
          tx,
          {
            id: snapshotId,
            loop,
            cycle_id: cycleId,
            watermark: cycle.watermark,
            seed: loop,
            manifest: outcome.manifest,
            manifest_sha256: outcome.manifestSha256,
            examples: training?.examples ?? 0,
            at: cycle.as_of,
          },
          files,
          outcome.examples.map(({ file, line, interactionId }) => ({
            file,
            line,
            interactionId,
            feedbackId: sources.get(interactionId) ?? null,
          })),
        );
      });
      const { id, examples } = (await db.withLoop(loop, (tx) => snapshotOfCycle(tx, cycleId)))!;
      log.info({ event: "training_data_logged", loop, cycle: cycleId, snapshot: id, examples });
      return { kind: "built", snapshotId: id, examples, words: outcome.words };
    },
  };
}

/** The interactions up to the cycle's watermark; remembers which revision spoke for each. Throws once `signal` is aborted. */
async function* readRows(
  db: Database,
  loop: string,
  cycle: Cycle,
  settings: LoopSettings,
  sources: Map<string, string | null>,
  signal: AbortSignal,
): AsyncGenerator<SnapshotRow> {
  let after = FIRST;
  for (let read = 0; ; ) {
    const page = { after, limit: CHUNK, ratedOnly: settings.snapshot.positiveOnly };
    const chunk = await db.withLoop(loop, (tx) => interactionsUpTo(tx, loop, cycle.watermark, page));
    signal.throwIfAborted();
    for (const row of chunk) {
      sources.set(row.id, row.feedback_id);
      yield {
        id: row.id,
        at: row.at,
        unit: row.unit,
        conversation: row.conversation,
        actionType: row.action_type,
        quality: row.quality,
        rating: row.score === null || row.score === 0 ? null : row.score > 0 ? 1 : -1,
        store: row.store,
        error: row.error,
        messages: row.messages,
        response: row.response,
        correction: row.correction,
      };
    }
    read += chunk.length;
    showProgress({ read });
    const last = chunk.at(-1);
    if (last === undefined || chunk.length < CHUNK) return;
    after = last.id;
  }
}
