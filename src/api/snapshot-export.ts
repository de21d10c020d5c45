// A snapshot's files in another training format, written as they are read.
import { z } from "@hono/zod-openapi";
import { Fault } from "../domain/fault.ts";
import { type Export, type ExportedLine, exportLines, rolesOf } from "../snapshot/export-lines.ts";
import type { ExampleRule } from "../snapshot/formats/check-line.ts";
import { FORMATS, type FormatName } from "../snapshot/formats/formats.ts";
import { REMEDIES } from "../snapshot/formats/remedies.ts";
import type { ManifestRead } from "../snapshot/read-manifest.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { logBreak } from "./log-break.ts";
import { manifestOf, snapshotOfRequest } from "./snapshot-of-request.ts";

/** UTF-16 units that are sent at once. */
const PIECE = 65_536;
/** Nobody waits for the answer any more. */
const GONE = 499;

type LeftOut = ReadonlyMap<ExampleRule, number>;

/** Mounts GET /api/snapshots/{id}/export. */
export function snapshotExportRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/snapshots/{id}/export",
      summary: "A snapshot in another training format, one line of JSON an example",
      scopes: ["read"],
      loop: "snapshot",
      query: z.object({
        format: z.enum(Object.keys(FORMATS) as [FormatName, ...FormatName[]]),
        side: z.enum(["training", "validation"]).default("training"),
      }),
      answer: {
        status: 200,
        description:
          "The lines. `x-ratchet-lines` says how many, and `x-ratchet-left-out` which rules kept how many out: images-not-carried=3, turns-not-carried=1",
        type: "application/jsonl",
      },
    },
    async ({ context, loop, param, query }) => {
      const { req } = context;
      const { snapshot } = await snapshotOfRequest(deps, loop, param("id"));
      const manifest = manifestOf(snapshot);
      const files = filesOf(manifest, query);
      const lines = (signal?: AbortSignal) =>
        exportLines(query, manifest, (role) => deps.artifacts.read(loop, files.get(role)!, signal));
      // Read twice, so that the head says what is left out, and what cannot be written at all is an error and no empty file.
      const { signal } = req.raw;
      const found = await sumUp(lines(signal)).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (found === null) return context.body(null, GONE as never);
      if (found.lines === 0) throw nothingFault(query, found.leftOut);
      const broke = (error: Error) => logBreak(deps.log, req, error);
      return context.body(ReadableStream.from(pieces(lines(), broke)), 200, {
        "content-type": "application/jsonl; charset=utf-8",
        "content-length": String(found.bytes),
        "content-disposition": `attachment; filename="${nameOf(manifest, query)}"`,
        "x-ratchet-lines": String(found.lines),
        ...(found.leftOut.size === 0 ? {} : { "x-ratchet-left-out": inHeader(found.leftOut) }),
      });
    },
  );
}

/** The hash of each file that the export is made of, by role. */
function filesOf(manifest: ManifestRead, wanted: Export): Map<string, string> {
  return new Map(
    rolesOf(wanted).map((role) => {
      const file = manifest.files.find((one) => one.role === role);
      if (file !== undefined) return [role, file.sha256];
      throw new Fault("not_found", ...MISSING[role as keyof typeof MISSING](wanted.format));
    }),
  );
}

type Told = [message: string, options: { hint: string }];
const MISSING = {
  training: (): Told => ["the snapshot has no training file", { hint: "look at its list of files" }],
  validation: (): Told => [
    "the snapshot has no validation side: every example is in training",
    { hint: "snapshot.validationShare, and enough people, make one; or export the training side" },
  ],
  preferences: (format: FormatName): Told => [
    `the snapshot has no preferences, of which ${format} is made`,
    {
      hint: "people make them: by a correction of an answer, or by rating one answer to a question up and another down; the next snapshot has them",
    },
  ],
  rejected: (format: FormatName): Told => [
    `the snapshot has no answers that people rated down, and ${format} learns from both thumbs`,
    { hint: "the next snapshot has those that are rated down until then; trl-sft learns from approved answers alone" },
  ],
};

async function sumUp(
  lines: AsyncIterable<ExportedLine>,
): Promise<{ lines: number; bytes: number; leftOut: Map<ExampleRule, number> }> {
  const found = { lines: 0, bytes: 0, leftOut: new Map<ExampleRule, number>() };
  for await (const one of lines)
    if ("rule" in one) found.leftOut.set(one.rule, (found.leftOut.get(one.rule) ?? 0) + 1);
    else {
      found.lines += 1;
      found.bytes += Buffer.byteLength(one.line);
    }
  return found;
}

async function* pieces(
  lines: AsyncIterable<ExportedLine>,
  broke: (error: Error) => void,
): AsyncGenerator<Uint8Array, void> {
  let waiting = "";
  try {
    for await (const one of lines) {
      if ("rule" in one) continue;
      waiting += one.line;
      if (waiting.length < PIECE) continue;
      yield Buffer.from(waiting);
      waiting = "";
    }
  } catch (error) {
    broke(error as Error);
    throw error;
  }
  if (waiting !== "") yield Buffer.from(waiting);
}

function nothingFault({ format, side }: Export, leftOut: LeftOut): Fault {
  const [[rule] = [], ...others] = sorted(leftOut);
  if (rule === undefined)
    return new Fault("not_found", `nothing in the snapshot's ${side} side is what ${format} is made of`, {
      hint: `export the ${side === "training" ? "validation" : "training"} side`,
    });
  const count = [...leftOut.values()].reduce((sum, lines) => sum + lines, 0);
  const which = others.length === 0 ? "each" : "most often a line";
  return new Fault("not_found", `none of ${count} lines can be written as ${format}: ${inHeader(leftOut)}`, {
    hint: `${which} ${REMEDIES[rule]}`,
    details: { left_out: Object.fromEntries(leftOut) },
  });
}

/** A dictionary of RFC 9651; the most frequent first. */
function inHeader(leftOut: LeftOut): string {
  return sorted(leftOut)
    .map(([rule, lines]) => `${rule}=${lines}`)
    .join(", ");
}

function sorted(leftOut: LeftOut): [ExampleRule, number][] {
  return [...leftOut].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
}

/** "training-snapshot-2026-11-27.trl-sft.jsonl". */
function nameOf({ created_for: at, number_of_day: number }: ManifestRead, { format, side }: Export): string {
  return `${side}-snapshot-${at.slice(0, 10).replace(/[^\d-]/g, "")}${number === 1 ? "" : `-${number}`}.${format}.jsonl`;
}
