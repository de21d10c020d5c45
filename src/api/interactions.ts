// Takes what an application's own calls to a model were, so that the loop can learn from them.
import { interactionFrom, interactionInput } from "../domain/interaction.ts";
import { recordInteractions } from "../store/interactions.ts";
import type { ApiDeps } from "./api-deps.ts";
import { endpoint } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { oneOrMany } from "./one-or-many.ts";
import { answerIds, idsAnswer } from "./recorded.ts";

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
      const interactions = items.map((item) => interactionFrom(item, (unit) => deps.hash(loop, unit), now));
      const ids = await deps.metrics.recording("interactions", () =>
        deps.db.withLoop(loop, (tx) => recordInteractions(tx, loop, interactions)),
      );
      deps.log.info({ event: "interactions_recorded", loop, count: ids.length });
      return context.json(answerIds(ids, many), 201);
    },
  );
}
