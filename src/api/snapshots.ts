// Snapshots and their files: what a model was taught, to the byte.
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import { listSnapshots, loadSnapshot, type SnapshotFile, snapshotFiles } from "../store/snapshots.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { page, pageById, pageOf, pageQuery } from "./paging.ts";

/** Mounts the routes of snapshots. */
export function snapshotRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/snapshots",
      summary: "Snapshots, the newest first",
      scopes: ["read"],
      loop: "path",
      query: pageQuery,
      answer: { status: 200, description: "A page of snapshots", schema: pageOf() },
    },
    async ({ context, loop, query }) => {
      const rows = await deps.db.withLoop(loop, (tx) => listSnapshots(tx, loop, pageById(query)));
      return context.json(
        page(rows, query, (row) => row.id),
        200,
      );
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: ["/api/loops/{loop}/snapshots/{id}", "/api/snapshots/{id}"],
      summary: "A snapshot with its manifest and the list of its files",
      scopes: ["read"],
      loop: "snapshot",
      answer: { status: 200, description: "The snapshot" },
    },
    async ({ context, loop, param }) => {
      const { snapshot, files } = await withFiles(deps, loop, param("id"));
      return context.json({ ...snapshot, files }, 200);
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/snapshots/{id}/files/{name}",
      summary: "A file of a snapshot",
      scopes: ["read"],
      loop: "snapshot",
      answer: { status: 200, description: "The bytes that the manifest's hash names", type: "application/jsonl" },
    },
    async ({ context, loop, param }) => {
      const { req } = context;
      const { files } = await withFiles(deps, loop, param("id"));
      const file = files.find(({ name }) => name === param("name"));
      if (file === undefined)
        throw new Fault("not_found", `the snapshot has no file "${param("name")}"`, {
          hint: `it has ${files.map(({ name }) => name).join(", ")}`,
        });
      const bytes = await deps.artifacts.read(loop, file.sha256);
      bytes.once("error", (error) => {
        // the caller has its answer's head by now, and sees a file that breaks off
        deps.log.error({
          event: "request_failed",
          id: newId(),
          method: req.method,
          path: req.path,
          error: error.message,
        });
      });
      return context.body(ReadableStream.from(bytes), 200, {
        "content-length": String(file.bytes),
        "content-type": "application/jsonl; charset=utf-8",
        etag: `"${file.sha256}"`,
        "content-disposition": `attachment; filename="${file.name.replace(/[^\w.-]/g, "_")}"`,
      });
    },
  );
}

async function withFiles(
  { db }: ApiDeps,
  loop: string,
  id: string,
): Promise<{ snapshot: object; files: SnapshotFile[] }> {
  return db.withLoop(loop, async (tx) => {
    const snapshot = await loadSnapshot(tx, loop, id);
    if (snapshot === null)
      throw new Fault("not_found", `loop "${loop}" has no snapshot "${id}"`, {
        hint: `GET /api/loops/${loop}/snapshots lists them`,
      });
    return { snapshot, files: await snapshotFiles(tx, snapshot.id) };
  });
}
