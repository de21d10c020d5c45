// Keeps the files of old snapshots gzipped: they are read when somebody asks where a model came from, which is seldom.
import { Context } from "@temporalio/activity";
import { fileGzipped, plainFiles } from "../store/snapshots.ts";
import type { ActivityDeps } from "./deps.ts";
import { showProgress } from "./heartbeat.ts";

/** Milliseconds: thirty days. */
const OLD = 2_592_000_000;
/** What one pulse takes on: as many files, or bytes, whichever is less. */
const MOST_FILES = 20;
const MOST_BYTES = 500_000_000;

export function archiveActivities({ db, artifacts }: Pick<ActivityDeps, "db" | "artifacts">) {
  return {
    /** Gzips some files of snapshots older than thirty days. What reads them notices nothing. */
    async archive({ loop, asOf }: { loop: string; asOf: number }): Promise<{ files: number }> {
      const { cancellationSignal } = Context.current();
      const page = { before: new Date(asOf - OLD), limit: MOST_FILES };
      const plain = await db.withLoop(loop, (tx) => plainFiles(tx, loop, page));
      let files = 0;
      let bytes = 0;
      for (const file of plain) {
        if (files > 0 && bytes + file.bytes > MOST_BYTES) break;
        await artifacts.compress(loop, file.sha256, cancellationSignal);
        await db.withLoop(loop, (tx) => fileGzipped(tx, loop, file.sha256, new Date(asOf)));
        files += 1;
        bytes += file.bytes;
        showProgress({ files, bytes });
      }
      return { files };
    },
  };
}
