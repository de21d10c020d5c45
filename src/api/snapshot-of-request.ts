// The snapshot that a request names, with its files.
import { Fault } from "../domain/fault.ts";
import { type ManifestRead, readManifest } from "../snapshot/read-manifest.ts";
import { loadSnapshot, type Snapshot, type SnapshotFile, snapshotFiles } from "../store/snapshots.ts";
import type { ApiDeps } from "./api-deps.ts";

export interface SnapshotFound {
  readonly snapshot: Snapshot;
  readonly files: readonly SnapshotFile[];
}

/** Throws a Fault `not_found` for one that is not the loop's. */
export async function snapshotOfRequest({ db }: Pick<ApiDeps, "db">, loop: string, id: string): Promise<SnapshotFound> {
  return db.withLoop(loop, async (tx) => {
    const snapshot = await loadSnapshot(tx, loop, id);
    if (snapshot === null)
      throw new Fault("not_found", `loop "${loop}" has no snapshot "${id}"`, {
        hint: `GET /api/loops/${loop}/snapshots lists them`,
      });
    return { snapshot, files: await snapshotFiles(tx, snapshot.id) };
  });
}

/** Its manifest. Throws where it has none that can be read: somebody changed the row. */
export function manifestOf({ id, manifest }: Snapshot): ManifestRead {
  const read = readManifest(manifest);
  if (read === null) throw new Error(`the manifest of snapshot ${id} cannot be read`);
  return read;
}
