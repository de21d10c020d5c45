// How far a loop's verdicts can be trusted, by its experiments of the champion with itself (A/A).
import { z } from "@hono/zod-openapi";
import { idleWaits, RECENT_DAYS } from "../domain/idle-waits.ts";
import { calibrationOf } from "../evidence/calibration.ts";
import { MINIMUM_FOR_PROMOTION } from "../evidence/minimum.ts";
import { aaAlarms, aaCounts } from "../store/experiment/calibration.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { thumbsByDay } from "../store/feedback/summary.ts";
import { loadLoop } from "../store/loops.ts";
import { slotHolder } from "../store/slots.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";

const answer = z.object({
  loop: z.string(),
  standing: z.boolean().describe("whether the pulse begins one whenever nothing else is to be done (`experiment.aa`)"),
  running: z.string().nullable().describe("the id of the one under way"),
  waits: z.string().nullable().describe("what keeps the next pulse from beginning one; null when nothing does"),
  ended: z.number().int().describe("all that are over"),
  decided: z.number().int().describe("of these, went on for long enough, with people enough, to promote"),
  promoted: z.number().int().describe("would have promoted the champion over itself"),
  asked: z.number().int().describe("of these, would have asked a person"),
  harmful: z.number().int().describe("found harm in the primary metric"),
  guardrail: z.number().int().describe("found harm in a guardrail"),
  futile: z.number().int(),
  out_of_time: z.number().int(),
  cut_short: z.number().int().describe("made room, or were stopped"),
  alarms: z.array(z.object({ check: z.string(), experiments: z.number().int() })),
  at_most: z.number().describe("false promotions are surely (95 %) fewer than this share of those in `decided`"),
  explained: z.boolean().describe("false: more went wrong than chance at the promised rates explains"),
  words: z.string(),
});

/** Mounts GET /api/loops/{loop}/calibration. */
export function calibrationRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}/calibration",
      summary: "How the experiments of the champion with itself (A/A) ended, and what that says of the others",
      scopes: ["read"],
      loop: "path",
      answer: { status: 200, description: "Counts, and what they say", schema: answer },
    },
    async ({ context, loop }) => {
      const found = await deps.db.withLoop(loop, async (tx) => {
        const { settings, pausedAt } = await loadLoop(tx, loop);
        const days = await thumbsByDay(tx, loop, new Date(deps.clock()), RECENT_DAYS);
        const recentThumbs = days.reduce((sum, { up, down }) => sum + up + down, 0);
        const holder = (await slotHolder(tx, loop))?.holder ?? null;
        const open = await openExperiment(tx, loop);
        const { outOfTime, cutShort, ...counts } = await aaCounts(tx, loop, MINIMUM_FOR_PROMOTION);
        const { atMost, explained, words } = calibrationOf({ ...counts, outOfTime, cutShort });
        return {
          loop,
          standing: settings.experiment.aa,
          running: open?.parameters.aa === true ? open.id : null,
          waits: idleWaits({ ...settings.experiment, paused: pausedAt !== null, recentThumbs, holder }),
          ...counts,
          out_of_time: outOfTime,
          cut_short: cutShort,
          alarms: await aaAlarms(tx, loop),
          at_most: atMost,
          explained,
          words,
        };
      });
      return context.json(found, 200);
    },
  );
}
