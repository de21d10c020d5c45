// Making a snapshot again from its manifest: does it come out to the byte?
import { Fault } from "../domain/fault.ts";
import { loadSnapshot } from "../store/snapshots.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { withPatience } from "./tell.ts";

/** A large one takes longer: who asks again meanwhile, or then, hears the same workflow's answer. */
const PATIENCE = 120_000;

/** Mounts POST /api/snapshots/{id}/rebuild. */
export function snapshotRebuildRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/snapshots/{id}/rebuild",
      summary: "Make a snapshot again from its manifest, and compare: nothing is written down",
      scopes: ["operate"],
      loop: "snapshot",
      answer: { status: 200, description: "Whether it came out the same, and which files did not" },
    },
    async ({ context, loop, param }) => {
      const snapshot = await deps.db.withLoop(loop, (tx) => loadSnapshot(tx, loop, param("id")));
      if (snapshot === null) throw new Fault("not_found", `loop "${loop}" has no snapshot "${param("id")}"`);
      const rebuilding = deps.workflows.rebuildSnapshot({ loop, snapshotId: snapshot.id });
      return context.json(await withPatience(rebuilding, PATIENCE, `rebuild/${snapshot.id}`), 200);
    },
  );
}
