// Gold cases: what a candidate must get right before anybody meets it.
import { z } from "@hono/zod-openapi";
import { parseGold } from "../evaluation/gold.ts";
import { recordAudit } from "../store/audit.ts";
import { listGoldCases, putGoldCases } from "../store/gold.ts";
import { loadLoop } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { page, pageById, pageOf, pageQuery } from "./paging.ts";

/** The set's name where neither the request nor the settings say one. */
const USUAL_SET = "gold";
const set = z.string().min(1).max(100);

/** Mounts GET and POST /api/loops/{loop}/gold. */
export function goldRoutes(api: Api, deps: ApiDeps): void {
  const { db } = deps;
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/gold",
      summary: "Gold cases, the newest first; ?set= names one set",
      scopes: ["read"],
      loop: "path",
      query: pageQuery.extend({ set: set.optional() }),
      answer: { status: 200, description: "A page of cases", schema: pageOf() },
    },
    async ({ context, loop, query }) => {
      const rows = await db.withLoop(loop, (tx) => listGoldCases(tx, loop, query.set ?? null, pageById(query)));
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
      method: "post",
      path: "/api/loops/{loop}/gold",
      summary: "Add cases to a gold set; one with the same id is replaced",
      scopes: ["operate"],
      loop: "path",
      body: z.strictObject({
        reason,
        set: set.optional(),
        cases: z
          .union([z.array(z.record(z.string(), z.unknown())), z.string()])
          .describe(
            'a list of cases, as {"input":"hi","expected":"hello","scorer":"contains"}, or the same as JSON lines',
          ),
      }),
      answer: { status: 201, description: "How many were added, and how many there are now" },
    },
    async ({ context, caller, loop, body }) => {
      const cases = parseGold(
        typeof body.cases === "string" ? body.cases : body.cases.map((one) => JSON.stringify(one)).join("\n"),
      );
      const at = new Date(deps.clock());
      const answer = await db.withLoop(loop, async (tx) => {
        const goldSet = body.set ?? (await loadLoop(tx, loop)).settings.evaluation.goldSet ?? USUAL_SET;
        const entries = cases.map((one) => ({ name: one.id, definition: one }));
        const total = await putGoldCases(tx, loop, goldSet, entries, at);
        const payload = { cases: cases.map((one) => one.id) };
        await recordAudit(tx, {
          loop,
          at,
          ...askedBy(caller, body.reason),
          action: "gold.add",
          subject: `gold/${goldSet}`,
          payload,
        });
        return { set: goldSet, added: cases.length, total };
      });
      return context.json(answer, 201);
    },
  );
}
