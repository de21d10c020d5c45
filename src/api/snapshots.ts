// Snapshots and their files: what a model was taught, to the byte, and what changed from one to another.
import { Fault } from "../domain/fault.ts";
import { diffManifests } from "../snapshot/diff-manifests.ts";
import { readManifest } from "../snapshot/read-manifest.ts";
import { snapshotOverlap } from "../store/snapshot-overlap.ts";
import { listSnapshots, type Snapshot } from "../store/snapshots.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { logBreak } from "./log-break.ts";
import { page, pageById, pageOf, pageQuery } from "./paging.ts";
import { manifestOf, type SnapshotFound, snapshotOfRequest } from "./snapshot-of-request.ts";

/** Mounts the routes of snapshots. */
export function snapshotRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/snapshots",
      summary: "Snapshots with their manifests, the newest first",
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
      answer: {
        status: 200,
        description: "The snapshot; files with their roles, and tokens where they go to trainers",
      },
    },
    async ({ context, loop, param }) => context.json(shown(await snapshotOfRequest(deps, loop, param("id"))), 200),
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/snapshots/{id}/files/{name}",
      summary: "A file of a snapshot; manifest.json and CARD.md are among them",
      scopes: ["read"],
      loop: "snapshot",
      answer: { status: 200, description: "The bytes that the manifest's hash names", type: "application/jsonl" },
    },
    async ({ context, loop, param }) => {
      const { files } = await snapshotOfRequest(deps, loop, param("id"));
      const file = files.find(({ name }) => name === param("name"));
      if (file === undefined)
        throw new Fault("not_found", `the snapshot has no file "${param("name")}"`, {
          hint: `it has ${files.map(({ name }) => name).join(", ")}`,
        });
      const bytes = await deps.artifacts.read(loop, file.sha256);
      bytes.once("error", (error) => logBreak(deps.log, context.req, error));
      return context.body(ReadableStream.from(bytes), 200, {
        "content-length": String(file.bytes),
        "content-type": `${typeOf(file.name)}; charset=utf-8`,
        etag: `"${file.sha256}"`,
        "content-disposition": `attachment; filename="${file.name.replace(/[^\w.-]/g, "_")}"`,
      });
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/snapshots/{id}/diff/{other}",
      summary: "What is different in another snapshot of the same loop",
      scopes: ["read"],
      loop: "snapshot",
      answer: {
        status: 200,
        description:
          "Of the manifests what differs, each as {from, to}; and how many interactions teach in both, or in one alone",
      },
    },
    async ({ context, loop, param }) => {
      const [from, to] = await Promise.all([
        snapshotOfRequest(deps, loop, param("id")),
        snapshotOfRequest(deps, loop, param("other")),
      ]);
      const examples = await deps.db.withLoop(loop, (tx) =>
        snapshotOverlap(tx, loop, from.snapshot.id, to.snapshot.id),
      );
      return context.json(
        {
          from: briefly(from.snapshot),
          to: briefly(to.snapshot),
          examples,
          ...diffManifests(manifestOf(from.snapshot), manifestOf(to.snapshot)),
        },
        200,
      );
    },
  );
}

function shown({ snapshot, files }: SnapshotFound): object {
  const described = readManifest(snapshot.manifest)?.files ?? [];
  const more = (name: string) => {
    const { role, tokens } = described.find((file) => file.name === name) ?? {};
    return { role, tokens };
  };
  return { ...snapshot, files: files.map((file) => ({ ...file, ...more(file.name) })) };
}

function briefly({ id, created_at, manifest_sha256, examples }: Snapshot): object {
  return { id, created_at, manifest_sha256, examples };
}

function typeOf(name: string): string {
  if (name.endsWith(".json")) return "application/json";
  return name.endsWith(".md") ? "text/markdown" : "application/jsonl";
}
