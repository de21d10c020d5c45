// What operators tell a loop: pause, resume, look now, bring the former champion back.
import { z } from "@hono/zod-openapi";
import { loadLoop, pulseOf, setPaused } from "../store/loops.ts";
import { rollBack } from "../store/promotions.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { showLoop, showModel } from "./show.ts";
import { tell, withPatience } from "./tell.ts";

const PATIENCE = 10_000;
const command = z.strictObject({ reason });

/** Mounts POST /api/loops/{loop}/pause, /resume, /pulse and /rollback. */
export function loopCommandRoutes(api: Api, deps: ApiDeps): void {
  const { db } = deps;
  for (const paused of [true, false]) {
    const name = paused ? "pause" : "resume";
    endpoint(
      api,
      deps,
      {
        method: "post",
        path: `/api/loops/{loop}/${name}`,
        summary: paused
          ? "Pause learning: pulses look on, and start no cycle; serving and recording go on"
          : "Let pulses start cycles again",
        scopes: ["operate"],
        loop: "path",
        body: command,
        answer: { status: 200, description: "The loop as it is now" },
      },
      async ({ context, caller, loop, body }) => {
        const changed = await db.withLoop(loop, (tx) =>
          setPaused(tx, loop, paused, askedBy(caller, body.reason), new Date(deps.clock())),
        );
        // The schedule goes on: a pulse of a paused loop still collects and reconciles, and starts nothing. Its note says so.
        const told = await tell(deps, { command: name, loop }, (workflows) => workflows.ensurePulse(pulseOf(changed)));
        return context.json({ ...showLoop(changed), told }, 200);
      },
    );
  }

  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/loops/{loop}/pulse",
      summary: "Look now instead of at the next half hour",
      scopes: ["operate"],
      loop: "path",
      body: z.strictObject({ reason: reason.optional() }),
      optionalBody: true,
      answer: { status: 202, description: "Asked for; the status tells when it has been" },
    },
    async ({ context, caller, loop, body }) => {
      const asked = await db.withLoop(loop, (tx) => loadLoop(tx, loop));
      const { workflows } = deps;
      // The schedule may be missing: the loop may have been made while Temporal was down.
      await withPatience(
        workflows.ensurePulse(pulseOf(asked)).then(() => workflows.pulseNow(loop)),
        PATIENCE,
      );
      deps.log.info({ event: "pulse_asked_for", loop, actor: caller.actor, reason: body.reason ?? null });
      return context.json({ loop, told: true }, 202);
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/loops/{loop}/rollback",
      summary: "Bring the former champion back, at once and without asking a provider",
      scopes: ["operate"],
      loop: "path",
      body: command.extend({
        from: z
          .string()
          .min(1)
          .optional()
          .describe("the champion to be taken back, by name or id; needed for a second step"),
      }),
      answer: { status: 200, description: "The champion there is now, and the experiment that this ended" },
    },
    async ({ context, caller, loop, body }) => {
      const { champion, experimentId } = await db.withLoop(loop, (tx) =>
        rollBack(tx, loop, askedBy(caller, body.reason), new Date(deps.clock()), body.from ?? null),
      );
      const told =
        experimentId === null ||
        (await tell(deps, { command: "rollback", loop }, (workflows) => workflows.tellExperiment(experimentId)));
      deps.log.info({ event: "champion_rolled_back", loop, model: champion.id, actor: caller.actor });
      return context.json({ champion: showModel(champion), experiment_id: experimentId, told }, 200);
    },
  );
}
