// Whether an experiment's tallies are what was said and rated; and, for operators, having them counted afresh.
import { z } from "@hono/zod-openapi";
import { type Comparison, compareTallies, comparison, isRight } from "../store/experiment/compare-tallies.ts";
import { recount } from "../store/experiment/recount.ts";
import { type Experiment, loadExperiment } from "../store/experiment/row.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";

const recountAnswer = comparison
  .omit({ wrongUnits: true })
  .extend({ id: z.string(), status: z.string(), wrong_units: z.number(), replaced: z.boolean() });
const DESCRIPTION =
  "How many tallies there are, and those that were kept otherwise than the raw rows give (`kept` was there, `counted` should be); of how many users the own totals were wrong, by which the next rating would go wrong; whether all that was replaced";

/** Mounts GET and POST /api/experiments/{id}/recount. */
export function recountRoutes(api: Api, deps: ApiDeps): void {
  const path = "/api/experiments/{id}/recount";
  endpoint(
    api,
    deps,
    {
      method: "get",
      path,
      summary: "Compare its tallies with what the raw rows give; nothing is changed, and nobody waits",
      scopes: ["read"],
      loop: "experiment",
      answer: { status: 200, description: DESCRIPTION, schema: recountAnswer },
    },
    async ({ context, loop, param }) => {
      const answer = await deps.db.withLoop(loop, async (tx) => {
        const experiment = await loadExperiment(tx, loop, param("id"));
        return show(experiment, await compareTallies(tx, loop, experiment.id), false);
      });
      return context.json(answer, 200);
    },
  );
  endpoint(
    api,
    deps,
    {
      method: "post",
      path,
      summary: "Count its tallies afresh from the raw rows, whether it is open or closed; its looks stay as they were",
      scopes: ["operate"],
      loop: "experiment",
      body: z.strictObject({ reason }),
      answer: { status: 200, description: DESCRIPTION, schema: recountAnswer },
    },
    async ({ context, caller, loop, body, param }) => {
      const asked = askedBy(caller, body.reason);
      const answer = await deps.db.withLoop(loop, async (tx) => {
        const found = await recount(tx, loop, param("id"), asked, new Date(deps.clock()));
        return show(await loadExperiment(tx, loop, param("id")), found, !isRight(found));
      });
      return context.json(answer, 200);
    },
  );
}

function show({ id, status }: Experiment, { wrongUnits, ...found }: Comparison, replaced: boolean) {
  return { id, status, ...found, wrong_units: wrongUnits, replaced };
}
