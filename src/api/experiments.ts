// Experiments: listed, read with their looks, started with any model, and commanded.
import { z } from "@hono/zod-openapi";
import type { ExperimentCommand } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import { freeze } from "../evidence/freeze.ts";
import { championBefore } from "../store/champion-before.ts";
import { beginAgainstItself } from "../store/experiment/against-itself.ts";
import { command } from "../store/experiment/command.ts";
import { beginExperiment } from "../store/experiment/lifecycle.ts";
import { listLooks } from "../store/experiment/looks.ts";
import { type Experiment, listExperiments, loadExperiment } from "../store/experiment/row.ts";
import { loadLoop } from "../store/loops.ts";
import { loadModel } from "../store/models.ts";
import { marksOf, type PromotionMark } from "../store/promotions.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { page, pageById, pageOf, pageQuery } from "./paging.ts";
import { showShare } from "./show.ts";
import { tell } from "./tell.ts";

/** Mounts the routes of experiments. */
export function experimentRoutes(api: Api, deps: ApiDeps): void {
  const { db } = deps;
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/experiments",
      summary: "Experiments, the newest first",
      scopes: ["read"],
      loop: "path",
      query: pageQuery,
      answer: { status: 200, description: "A page of experiments", schema: pageOf() },
    },
    async ({ context, loop, query }) => {
      const rows = await db.withLoop(loop, async (tx) => {
        const found = await listExperiments(tx, loop, pageById(query));
        const ids = found.map(({ id }) => id);
        return marked(found, await marksOf(tx, loop, ids));
      });
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
      path: ["/api/loops/{loop}/experiments/{id}", "/api/experiments/{id}"],
      summary: "An experiment with its looks and its last verdict",
      scopes: ["read"],
      loop: "experiment",
      answer: { status: 200, description: "The experiment" },
    },
    async ({ context, loop, param }) => {
      const [experiment, looks] = await db.withLoop(loop, async (tx) => {
        const found = await loadExperiment(tx, loop, param("id"));
        const [shown] = marked([found], await marksOf(tx, loop, [found.id]));
        return [shown, await listLooks(tx, found.id)] as const;
      });
      return context.json({ ...experiment, last_verdict: looks.at(-1)?.verdict ?? null, looks }, 200);
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/loops/{loop}/experiments",
      summary: "Try a model against the champion, by its id or name; or the champion against itself",
      scopes: ["operate"],
      loop: "path",
      body: z
        .strictObject({ model: z.string().min(1).optional(), aa: z.literal(true).optional(), reason })
        .refine(
          ({ model, aa }) => (model === undefined) === (aa === true),
          'give "model", or "aa": true to try the champion against itself, and not both',
        ),
      answer: {
        status: 202,
        description: "On record and routed; `told` says whether the workflow was started at once",
      },
    },
    async ({ context, caller, loop, body }) => {
      const at = new Date(deps.clock());
      const experiment = await db.withLoop(loop, async (tx) => {
        const { settings } = await loadLoop(tx, loop);
        if (!settings.experiment.enabled)
          throw new Fault("conflict", `experiments are switched off in the settings of loop "${loop}"`, {
            hint: '"experiment": {"enabled": true} switches them on; without them a candidate that passes the gate is promoted',
          });
        const challenger = body.model === undefined ? null : await loadModel(tx, loop, body.model);
        const id = newId();
        const parameters = freeze(settings, await championBefore(tx, loop, settings.experiment.primary, at), id);
        const asked = askedBy(caller, body.reason);
        if (challenger === null) return beginAgainstItself(tx, loop, { id, parameters, at }, asked);
        return beginExperiment(tx, loop, { id, cycleId: null, challengerId: challenger.id, parameters, at }, asked);
      });
      const told = await tell(deps, { command: "experiment.start", loop }, (workflows) =>
        workflows.startExperiment({ loop, experimentId: experiment.id }),
      );
      return context.json({ ...show(experiment), told }, 202);
    },
  );

  const plain = z.strictObject({ reason });
  mountCommand(
    api,
    deps,
    "approve",
    "Promote the challenger",
    plain.extend({ override: z.boolean().optional() }),
    ({ override }) => ({
      kind: "approve",
      ...(override === undefined ? {} : { override }),
    }),
  );
  mountCommand(api, deps, "reject", "Judge the challenger not good enough", plain, () => ({ kind: "reject" }));
  mountCommand(api, deps, "stop", "End it without judging", plain, () => ({ kind: "stop" }));
  mountCommand(
    api,
    deps,
    "extend",
    "Give it more time",
    plain.extend({ by: z.string().describe('as "48 hours"') }),
    ({ by }) => ({ kind: "extend", by }),
  );
  mountCommand(
    api,
    deps,
    "pause",
    "Open no further phase and promote nothing; who meets whom stays as it is",
    plain,
    () => ({ kind: "pause" }),
  );
  mountCommand(api, deps, "resume", "Open phases and promote again", plain, () => ({ kind: "resume" }));
}

function mountCommand<Body extends z.ZodType<{ reason: string }>>(
  api: Api,
  deps: ApiDeps,
  name: ExperimentCommand["kind"],
  summary: string,
  body: Body,
  read: (body: z.output<Body>) => ExperimentCommand,
): void {
  endpoint(
    api,
    deps,
    {
      method: "post",
      path: `/api/experiments/{id}/${name}`,
      summary,
      scopes: ["operate"],
      loop: "experiment",
      body,
      answer: { status: 200, description: "The experiment as it is now" },
    },
    async ({ context, caller, loop, body: given, param }) => {
      const asked = { ...read(given), ...askedBy(caller, given.reason) };
      const [experiment, shown] = await deps.db.withLoop(loop, async (tx) => {
        const now = await command(tx, loop, param("id"), asked, new Date(deps.clock()));
        return [now, marked([now], await marksOf(tx, loop, [now.id]))[0]] as const;
      });
      const told = await tell(deps, { command: `experiment.${name}`, loop }, (workflows) =>
        workflows.tellExperiment(experiment.id),
      );
      return context.json({ ...shown, told }, 200);
    },
  );
}

/** With `supported`, whether the evidence spoke for its promotion, and `rolled_back`, who took it back; null where it promoted nothing. */
function marked(experiments: readonly Experiment[], marks: ReadonlyMap<string, PromotionMark>) {
  return experiments.map((experiment) => {
    const mark = marks.get(experiment.id);
    return { ...show(experiment), supported: mark?.supported ?? null, rolled_back: mark?.rolledBack ?? null };
  });
}

function show(experiment: Experiment) {
  return { ...experiment, ...showShare(experiment) };
}
