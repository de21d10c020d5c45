// Power before anything is spent: what the loop's traffic can show, by its settings or by what the question puts in their place.
import { z } from "@hono/zod-openapi";
import { guardrailsOf } from "../evidence/guardrails-of.ts";
import { planExperiment } from "../evidence/plan.ts";
import type { GuardedTraffic } from "../evidence/plan-guardrails.ts";
import { planQuestion } from "../evidence/plan-question.ts";
import { championBefore } from "../store/champion-before.ts";
import { finishedExperiments } from "../store/experiment/finished.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { readTraffic } from "../store/experiment/traffic.ts";
import { loadLoop } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { planAnswer, showPlan } from "./plan-answer.ts";

const fraction = (what: string) =>
  z.coerce
    .number({ error: `is ${what} as a fraction, as 0.1 for 10 %` })
    .gt(0)
    .lt(1)
    .optional();

const planQuery = z.object({
  share: fraction("the share of users who meet the challenger"),
  min_lift: fraction("the least lift"),
  days: z.coerce.number({ error: "is a number of days, as 7" }).gt(0).max(3650).optional(),
});

/** Mounts GET /api/loops/{loop}/plan. */
export function planRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/plan",
      summary:
        "What an experiment on this loop's traffic can show, and how long it takes: one begun now, or the one under way",
      scopes: ["read"],
      loop: "path",
      query: planQuery,
      answer: {
        status: 200,
        description:
          "Of the primary metric (`metric`), whose values are what `ratings` count, whichever it is. Shares, lifts and chances are fractions, differences in the metric's unit, durations days; `smallest_lift` is shown within `within_days` with `power`, `days` are until `min_lift` is shown with it; null where nothing shows it. What is in `assumed` is a typical number, not the loop's own",
        schema: planAnswer,
      },
    },
    async ({ context, loop, query }) => {
      const asOf = new Date(deps.clock());
      const [plan, past, experiment] = await deps.db.withLoop(loop, async (tx) => {
        const { settings } = await loadLoop(tx, loop);
        const asked = { share: query.share, minLift: query.min_lift, within: query.days };
        const open = await openExperiment(tx, loop);
        const running = open === null || open.status === "probation" ? null : open;
        const { primary } = running?.parameters ?? settings.experiment;
        const { value, ...before } = await championBefore(tx, loop, primary, asOf); // as an experiment would freeze it
        const question = planQuestion(settings, asked, value, running?.parameters);
        const frozen = running?.parameters ?? { ...settings.experiment, ...before };
        const guarded: GuardedTraffic[] = [];
        for (const guardrail of guardrailsOf(frozen)) {
          const traffic = await readTraffic(tx, loop, asOf, guardrail.metric, frozen.slowAbove);
          // What nobody sends is not asked for; of what the settings name by itself it is said that nothing comes.
          if (traffic.ratings > 0 || guardrail.metric.startsWith("feedback:")) guarded.push({ guardrail, traffic });
        }
        const found = planExperiment(await readTraffic(tx, loop, asOf, question.metric.key), question, guarded);
        return [found, await finishedExperiments(tx, loop), running?.id ?? null] as const;
      });
      return context.json({ loop, as_of: asOf, experiment, ...showPlan(plan, past) }, 200);
    },
  );
}
