// PUT /api/loops/{loop}/rehearsal: keeps a file of the operator's own to rehearse from.

import { z } from "@hono/zod-openapi";
import type { Transaction } from "../db/database.ts";
import { Fault } from "../domain/fault.ts";
import { checkRehearsal, LARGEST_REHEARSAL } from "../snapshot/rehearsal-file.ts";
import { hasArtifact, recordArtifact } from "../store/artifacts.ts";
import { recordAudit } from "../store/audit.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";

/** Its body is a file and no JSON document: it is read here, a piece at a time. */
export const REHEARSAL_PATH = "/api/loops/:loop/rehearsal";

/** Mounts the route. */
export function rehearsalRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "put",
      path: "/api/loops/{loop}/rehearsal",
      summary: "Keep a file to rehearse from: lines in OpenAI's supervised format, at most 50 MB",
      scopes: ["operate"],
      loop: "path",
      query: z.object({ reason: reason.optional() }),
      rawBody: "application/x-ndjson",
      answer: { status: 200, description: "Its SHA-256, for `snapshot.rehearsalFile`, and how much it holds" },
    },
    async ({ context, caller, loop, query }) => {
      const { req } = context;
      if (Number(req.header("content-length") ?? 0) > LARGEST_REHEARSAL) throw tooLarge();
      const pieces: Uint8Array[] = [];
      const { lines, tokens } = await checkRehearsal(kept(req.raw.body ?? [], pieces));
      const file = Buffer.concat(pieces);
      const sha256 = await deps.artifacts.put(loop, file);
      const at = new Date(deps.clock());
      await deps.db.withLoop(loop, async (tx) => {
        if (await hasArtifact(tx, loop, sha256)) return;
        await recordArtifact(tx, loop, { sha256, bytes: file.length });
        await recordAudit(tx, {
          loop,
          at,
          ...askedBy(caller, query.reason ?? "kept"),
          action: "rehearsal.keep",
          subject: `rehearsal/${sha256}`,
          payload: { lines, tokens, bytes: file.length },
        });
      });
      const hint = 'put the sha256 into the loop\'s settings, as "snapshot": {"rehearsalFile": "…"}';
      return context.json({ sha256, lines, tokens, hint }, 200);
    },
  );
}

/** Refuses a rehearsal file that nobody kept, when settings name one. */
export async function rehearsalMustBeThere(tx: Transaction, loop: string, sha256: string | null): Promise<void> {
  if (sha256 === null || (await hasArtifact(tx, loop, sha256))) return;
  throw new Fault("invalid", `"snapshot.rehearsalFile" names a file that loop "${loop}" does not have: ${sha256}`, {
    hint: "keep it first: ratchet snapshot rehearse FILE, or PUT /api/loops/{loop}/rehearsal; nothing was changed",
    details: { param: "snapshot.rehearsalFile" },
  });
}

async function* kept(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  pieces: Uint8Array[],
): AsyncGenerator<Uint8Array, void> {
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > LARGEST_REHEARSAL) throw tooLarge();
    pieces.push(piece);
    yield piece;
  }
}

function tooLarge(): Fault {
  return new Fault("too_large", `the file is larger than ${LARGEST_REHEARSAL / 1_000_000} MB`, {
    hint: "choose among its lines; nothing was kept",
  });
}
