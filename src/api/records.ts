// What is on record about a loop: models, changes of champion, alerts, the audit chain, costs.
import { z } from "@hono/zod-openapi";
import { Fault } from "../domain/fault.ts";
import { listAlerts, loadAlert } from "../store/alerts.ts";
import { listAudit, verifyAudit } from "../store/audit.ts";
import { costsByMonth } from "../store/budget.ts";
import { listModels, loadModel } from "../store/models.ts";
import { listPromotions } from "../store/promotions.ts";
import type { ApiDeps } from "./api-deps.ts";
import { type Call, type Endpoint, endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { page, pageById, pageByNumber, pageOf, pageQuery, wholeList } from "./paging.ts";
import { showModel } from "./show.ts";

/** Mounts the lists under /api/loops/{loop} that only read. */
export function recordRoutes(api: Api, deps: ApiDeps): void {
  const { db } = deps;
  const get = <Query extends z.ZodType>(
    path: string,
    summary: string,
    answer: Omit<Endpoint<Query, never>["answer"], "status"> & { description: string; schema?: z.ZodType },
    query: Query,
    read: (call: Call<z.output<Query>, undefined>) => Promise<unknown>,
  ) =>
    endpoint<Query, z.ZodUndefined>(
      api,
      deps,
      {
        method: "get",
        path: `/api/loops/{loop}/${path}`,
        summary,
        scopes: ["read"],
        loop: "path",
        query,
        answer: { ...answer, status: 200 },
      },
      async (call) => call.context.json((await read(call)) as object, 200),
    );
  const list = { description: "A list", schema: pageOf() };
  const none = z.object({});

  get("models", "Models with their roles, the newest first", list, none, async ({ loop }) =>
    wholeList((await db.withLoop(loop, (tx) => listModels(tx, loop))).map(showModel)),
  );
  get("models/{model}", "One model, by id or name", { description: "The model" }, none, async ({ loop, param }) =>
    showModel(await db.withLoop(loop, (tx) => loadModel(tx, loop, param("model")))),
  );
  get("promotions", "Every change of champion, the newest first", list, none, async ({ loop }) =>
    wholeList(await db.withLoop(loop, (tx) => listPromotions(tx, loop))),
  );
  get("alerts", "Alerts, open and closed, the newest first", list, pageQuery, async ({ loop, query }) =>
    page(await db.withLoop(loop, (tx) => listAlerts(tx, loop, pageById(query))), query, (row) => row.id),
  );
  get("alerts/{id}", "One alert", { description: "The alert" }, none, async ({ loop, param }) =>
    db.withLoop(loop, (tx) => loadAlert(tx, loop, param("id"))),
  );
  get("audit", "Who changed what, when and why, the newest first", list, pageQuery, async ({ loop, query }) =>
    page(await db.withLoop(loop, (tx) => listAudit(tx, loop, pageByNumber(query))), query, (row) => row.sequence),
  );
  get(
    "audit/verify",
    "Recompute the chain",
    { description: "How many entries, and the first that does not fit, if any" },
    none,
    async ({ loop }) => db.withLoop(loop, (tx) => verifyAudit(tx, loop)),
  );
  get("audit/{sequence}", "One entry of the chain", { description: "The entry" }, none, async ({ loop, param }) => {
    const sequence = /^\d{1,9}$/.test(param("sequence")) ? Number(param("sequence")) : null;
    const found =
      sequence === null ? [] : await db.withLoop(loop, (tx) => listAudit(tx, loop, { before: sequence + 1, limit: 1 }));
    if (found[0]?.sequence !== sequence || sequence === null)
      throw new Fault("not_found", `the audit chain of loop "${loop}" has no entry "${param("sequence")}"`);
    return found[0];
  });
  get("costs", "Training costs by month in USD, reserved or spent, the newest first", list, none, async ({ loop }) =>
    wholeList(await db.withLoop(loop, (tx) => costsByMonth(tx, loop))),
  );
}
