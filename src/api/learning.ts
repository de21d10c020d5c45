// The learning dashboard: how people rate the loop, over thirty days and by action, and whether there is enough to train on.
import { z } from "@hono/zod-openapi";
import { learningStatus } from "../analysis/health.ts";
import { feedbackSince, learnedUpTo, thumbsByAction, thumbsByDay, totalThumbs } from "../store/feedback/summary.ts";
import { loadLoop } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { mergeUnknown, rate } from "./rates.ts";

const DAYS = 30;

const dashboard = z.object({
  current: z.object({
    total_feedback: z.number(),
    thumbs_up: z.number(),
    thumbs_down: z.number(),
    approval_rate: z.number(),
  }),
  trend: z.array(z.object({ date: z.string(), feedback_count: z.number(), approval_rate: z.number() })),
  by_action: z.array(z.object({ action_type: z.string(), count: z.number(), approval_rate: z.number() })),
  learning_status: z.object({
    ready_for_training: z.boolean(),
    readiness: z.enum(["not_ready", "ready", "optimal"]),
    feedback_count: z.number(),
    needed_for_training: z.number(),
    approval_rate: z.number(),
    health: z.enum(["excellent", "good", "needs_improvement"]),
  }),
});

/** Mounts GET /api/admin/learning-dashboard. */
export function learningRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/admin/learning-dashboard",
      summary: "Approval over all and by action, its trend over 30 days, and readiness for training",
      scopes: ["read"],
      loop: "query",
      answer: {
        status: 200,
        description: "Rates in percent with one decimal; days without feedback are left out",
        schema: dashboard,
      },
    },
    async ({ context, loop }) => {
      const asOf = new Date(deps.clock());
      const document = await deps.db.withLoop(loop, async (tx) => {
        const { settings } = await loadLoop(tx, loop);
        const total = await totalThumbs(tx, loop);
        const days = await thumbsByDay(tx, loop, asOf, DAYS);
        const actions = mergeUnknown(await thumbsByAction(tx, loop));
        const { watermark } = await learnedUpTo(tx, loop);
        const { ratings } = await feedbackSince(tx, loop, watermark);
        return {
          current: {
            total_feedback: total.up + total.down,
            thumbs_up: total.up,
            thumbs_down: total.down,
            approval_rate: rate(total),
          },
          trend: days.map(({ day, up, down }) => ({
            date: day,
            feedback_count: up + down,
            approval_rate: rate({ up, down }),
          })),
          by_action: actions.map(({ actionType, up, down }) => ({
            action_type: actionType,
            count: up + down,
            approval_rate: rate({ up, down }),
          })),
          learning_status: learningStatus(total, ratings, settings.readiness),
        };
      });
      return context.json(document, 200);
    },
  );
}
