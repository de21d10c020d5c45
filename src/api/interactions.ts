// Takes what an application's own calls to a model were: the loop learns from them, and those that say which variant answered count
// in an experiment as the gateway's do.
import type { Transaction } from "../db/database.ts";
import { type Interaction, type InteractionInput, interactionFrom, interactionInput } from "../domain/interaction.ts";
import { placeOwnCall } from "../serving/own-call.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { recordInteractions } from "../store/interactions.ts";
import { readRouting } from "../store/routing.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { oneOrMany } from "./one-or-many.ts";
import { answerIds, idsAnswer } from "./recorded.ts";

/** Places calls by the routing as it is now. */
async function placing(tx: Transaction, loop: string, now: Date) {
  const routing = await readRouting(tx, loop, now);
  const open = await openExperiment(tx, loop);
  const begun = open === null ? null : { experimentId: open.id, startedAt: open.started_at };
  return (said: Interaction, input: InteractionInput) => placeOwnCall(said, input, routing, begun, now);
}

const body = oneOrMany(() => interactionInput, ["Interaction"]);

/** Mounts POST /api/interactions. */
export function interactionRoutes(api: Api, deps: ApiDeps): void {
  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/interactions",
      summary: "Record one interaction, or up to 1,000",
      scopes: ["serve", "feedback"],
      loop: "query",
      body,
      answer: idsAnswer(201, "Recorded; the ids are ours, in the order given. A repeat gets the id that it got before"),
    },
    async ({ context, loop, body: { items, many } }) => {
      const now = new Date(deps.clock());
      const ids = await deps.metrics.recording("interactions", () =>
        deps.db.withLoop(loop, async (tx) => {
          const place = items.some(({ variant }) => variant !== undefined) ? await placing(tx, loop, now) : null;
          const interactions = items.map((item) => {
            const said = interactionFrom(item, (unit) => deps.hash(loop, unit), now);
            return place === null ? said : place(said, item);
          });
          return recordInteractions(tx, loop, interactions);
        }),
      );
      deps.log.info({ event: "interactions_recorded", loop, count: ids.length });
      return context.json(answerIds(ids, many), 201);
    },
  );
}
