// Makes a snapshot again from its manifest, and says whether it comes out to the byte. Nothing is written down.
import { Context } from "@temporalio/activity";
import { z } from "zod";
import { Fault } from "../domain/fault.ts";
import { GOLD_PAGE } from "../snapshot/build.ts";
import type { Manifest } from "../snapshot/manifest.ts";
import { loadSnapshot, snapshotFiles } from "../store/snapshots.ts";
import { buildIn } from "./build-in.ts";
import type { ActivityDeps } from "./deps.ts";
import { makeSnapshotFolder } from "./snapshot-folder.ts";
import { optionsOfManifest } from "./snapshot-options.ts";

export interface Rebuilt {
  /** Whether every file and the manifest are what they were. */
  readonly same: boolean;
  /** The names of the files that are not, "manifest.json" for the manifest itself. */
  readonly different: readonly string[];
  /** What was dropped this time, in words. */
  readonly words: string;
}

export function rebuildActivities({ db, artifacts }: Pick<ActivityDeps, "db" | "artifacts">) {
  return {
    /** Makes a snapshot again, from what is prepared by its recipe as its watermark saw it. */
    async rebuild({ loop, snapshotId }: { loop: string; snapshotId: string }): Promise<Rebuilt> {
      const { cancellationSignal: signal } = Context.current();
      const { snapshot, files } = await db.withLoop(loop, async (tx) => {
        const found = await loadSnapshot(tx, loop, snapshotId);
        if (found === null) throw new Fault("not_found", `loop "${loop}" has no snapshot "${snapshotId}"`);
        return { snapshot: found, files: await snapshotFiles(tx, found.id) };
      });
      const gold = files.find(({ name }) => name === GOLD_PAGE);
      const asked =
        gold === undefined
          ? []
          : z.array(z.string()).parse(JSON.parse((await artifacts.get(loop, gold.sha256)).toString()));
      const manifest = snapshot.manifest as Manifest;
      const folder = await makeSnapshotFolder();
      try {
        const options = await optionsOfManifest({ artifacts }, manifest, asked);
        const outcome = await buildIn(folder, db, options, { trace: async () => {}, signal });
        const made = outcome.kind === "built" ? [...outcome.manifest.files, ...outcome.pages] : [];
        const names = new Set([...files, ...made].map(({ name }) => name));
        const hashOf = (some: readonly { name: string; sha256: string }[], name: string) =>
          some.find((file) => file.name === name)?.sha256;
        const different = [...names].filter((name) => hashOf(files, name) !== hashOf(made, name)).sort();
        return { same: different.length === 0, different, words: outcome.words };
      } finally {
        await folder.remove();
      }
    },
  };
}
