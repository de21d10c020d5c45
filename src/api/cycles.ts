// Cycles: listed, read with what they made, started and cancelled by operators.
import { z } from "@hono/zod-openapi";
import type { Transaction } from "../db/database.ts";
import { cancelCycle } from "../store/cancel-cycle.ts";
import { collect } from "../store/collect.ts";
import { createCycle, listCycles, loadCycle } from "../store/cycles.ts";
import { experimentOfCycle } from "../store/experiment/row.ts";
import { evaluationOfCycle } from "../store/gold.ts";
import { loadLoop } from "../store/loops.ts";
import { snapshotOfCycle } from "../store/snapshots.ts";
import { runsOfCycle } from "../store/training-runs.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { page, pageByNumber, pageOf, pageQuery } from "./paging.ts";
import { tell } from "./tell.ts";

const command = z.strictObject({ reason });

/** Mounts the routes of cycles. */
export function cycleRoutes(api: Api, deps: ApiDeps): void {
  const { db } = deps;
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/cycles",
      summary: "Cycles, the newest first",
      scopes: ["read"],
      loop: "path",
      query: pageQuery,
      answer: { status: 200, description: "A page of cycles", schema: pageOf() },
    },
    async ({ context, loop, query }) => {
      const rows = await db.withLoop(loop, (tx) => listCycles(tx, loop, pageByNumber(query)));
      return context.json(
        page(rows, query, (row) => row.number),
        200,
      );
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: ["/api/loops/{loop}/cycles/{id}", "/api/cycles/{id}"],
      summary: "A cycle with its snapshot, training run, evaluation and experiment",
      scopes: ["read"],
      loop: "cycle",
      answer: { status: 200, description: "The cycle" },
    },
    async ({ context, loop, param }) =>
      context.json(await db.withLoop(loop, (tx) => wholeCycle(tx, loop, param("id"))), 200),
  );

  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/loops/{loop}/cycles",
      summary: "Start a cycle now, on all feedback until now",
      scopes: ["operate"],
      loop: "path",
      body: command,
      answer: { status: 202, description: "On record; `told` says whether the workflow was started at once" },
    },
    async ({ context, caller, loop, body }) => {
      const asOf = new Date(deps.clock());
      const { number: watermark } = await collect(db, loop, asOf);
      const cycle = await db.withLoop(loop, async (tx) => {
        const { settingsVersion } = await loadLoop(tx, loop);
        return createCycle(tx, loop, askedBy(caller, body.reason), { pulse: null, watermark, settingsVersion, asOf });
      });
      const told = await tell(deps, { command: "cycle.start", loop }, (workflows) =>
        workflows.startCycle({ loop, cycleId: cycle.id }),
      );
      return context.json({ ...cycle, told }, 202);
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/cycles/{id}/cancel",
      summary: "Cancel a cycle; its training job is cancelled too",
      scopes: ["operate"],
      loop: "cycle",
      body: command,
      answer: { status: 200, description: "The cycle as it is now" },
    },
    async ({ context, caller, loop, body, param }) => {
      const id = param("id");
      const cycle = await db.withLoop(loop, (tx) =>
        cancelCycle(tx, loop, id, askedBy(caller, body.reason), new Date(deps.clock())),
      );
      const told = await tell(deps, { command: "cycle.cancel", loop }, (workflows) => workflows.cancelCycle(id));
      return context.json({ ...cycle, told }, 200);
    },
  );
}

async function wholeCycle(tx: Transaction, loop: string, id: string) {
  const cycle = await loadCycle(tx, loop, id);
  const runs = await runsOfCycle(tx, id);
  return {
    ...cycle,
    snapshot: await snapshotOfCycle(tx, id),
    training_run: runs.at(-1) ?? null, // the one that counts: those before it were refused
    training_runs: runs,
    evaluation: await evaluationOfCycle(tx, id),
    experiment: await experimentOfCycle(tx, id),
  };
}
