// The routing document for those who assign by themselves; asked for often, so it says when nothing has changed.
import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { RoutingDocument } from "../evidence/assignment.ts";
import { ROUTING_TTL, readRouting } from "../store/routing.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";

/** Mounts GET /api/loops/{loop}/routing. */
export function routingRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/routing",
      summary: "What assigning a unit needs; good for 30 seconds, then everybody has the champion",
      scopes: ["serve", "read"],
      loop: "path",
      answer: [
        { status: 200, description: "The routing document, with an ETag" },
        {
          status: 304,
          description: "It is as If-None-Match says; the header x-ratchet-expires-at says how long it is good now",
        },
      ],
    },
    async ({ context, loop }) => {
      const document = await deps.db.withLoop(loop, (tx) => readRouting(tx, loop, new Date(deps.clock())));
      const tag = etagOf(document);
      context.header("etag", tag);
      context.header("cache-control", `private, max-age=${ROUTING_TTL / 1000}`);
      context.header("x-ratchet-expires-at", document.expires_at);
      return matches(context.req.header("if-none-match"), tag) ? context.body(null, 304) : context.json(document, 200);
    },
  );
}

/** Names the document's content; how long it is good is not part of that. */
function etagOf({ expires_at: _, ...content }: RoutingDocument): string {
  return `"${createHash("sha256").update(canonicalJson(content)).digest("base64url").slice(0, 22)}"`;
}

function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((entry) => entry.trim() === "*" || entry.trim().replace(/^W\//, "") === tag);
}
