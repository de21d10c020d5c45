// /v1/files: upload, list, look at, fetch and delete files.
import { Hono } from "hono";
import { z } from "zod";
import { ApiError, parseBody } from "./api-error.ts";
import { type FileRecord, showFile } from "./file-library.ts";
import type { Environment } from "./guard.ts";
import { page } from "./page.ts";
import type { SandboxParts } from "./sandbox-parts.ts";

const purposes = ["fine-tune", "assistants", "batch", "vision", "user_data", "evals"] as const;
const upload = z.looseObject({
  file: z.instanceof(File, { error: "send the file as multipart/form-data" }),
  purpose: z.enum(purposes),
});
const filter = z.looseObject({ purpose: z.string().optional(), order: z.enum(["asc", "desc"]).default("desc") });

export function filesRoute({ files, faults, tally, clock, guarded }: SandboxParts): Hono<Environment> {
  const find = (id: string): FileRecord => {
    const file = files.get(id);
    if (file === undefined) throw new ApiError(404, `No such File object: ${id}`, { param: "id" });
    return file;
  };
  return new Hono<Environment>()
    .post("/", guarded("files.create"), async (context) => {
      const form = await context.req.parseBody().catch(() => ({}));
      const { file, purpose } = parseBody(upload, form);
      if (file.size === 0) throw new ApiError(400, `'file': ${file.name} is empty`, { param: "file" });
      const content = new Uint8Array(await file.arrayBuffer());
      const record = files.add({ filename: file.name, purpose, content, createdMs: clock() });
      tally.did("filesCreated");
      return context.json(showFile(record));
    })
    .get("/", guarded("files.list"), (context) => {
      const { purpose, order } = parseBody(filter, context.req.query());
      const lag = faults.take("files.list", ["lag-list"])?.ms ?? 0;
      const newest = clock() - lag;
      const shown = files
        .all()
        .filter((file) => (purpose === undefined || file.purpose === purpose) && file.createdMs <= newest);
      if (order === "desc") shown.reverse();
      return context.json(page(shown.map(showFile), context.req.query(), { most: 10_000, usual: 10_000 }));
    })
    .get("/:id", guarded("files.get"), (context) => context.json(showFile(find(context.req.param("id")))))
    .get("/:id/content", guarded("files.content"), (context) => {
      const { id } = find(context.req.param("id"));
      return context.body(new Uint8Array(files.content(id)), 200, { "content-type": "application/octet-stream" });
    })
    .delete("/:id", guarded("files.delete"), (context) => {
      const { id } = find(context.req.param("id"));
      files.remove(id);
      return context.json({ id, object: "file", deleted: true });
    });
}
