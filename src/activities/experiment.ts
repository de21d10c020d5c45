// What an experiment's workflow asks of its row between two looks: where it stands, and that an operator be obeyed.
import type { Transaction } from "../db/database.ts";
import type { ExperimentCommand } from "../domain/experiment.ts";
import { answeredOnce, type CommandAnswer, doneOf, refusalOf } from "../store/experiment/answered-once.ts";
import { command } from "../store/experiment/command.ts";
import type { ActivityDeps } from "./deps.ts";
import { heard, type OfExperiment, readStanding } from "./heard.ts";
import type { ExperimentStanding } from "./standing.ts";

export function experimentActivities(deps: ActivityDeps) {
  const { db } = deps;
  return {
    /** Where an experiment stands, by its row. */
    async readExperiment(input: OfExperiment): Promise<ExperimentStanding> {
      return heard(deps, await db.withLoop(input.loop, (tx) => readStanding(tx, input)), input);
    },

    /**
     * Does what an operator asked through Temporal, once for each `key`: when it comes again, its answer does. A refusal is
     * final, and an answer like any other: it says who, when and what.
     */
    async commandExperiment(
      input: OfExperiment & { key: string; command: ExperimentCommand; actor: string; reason: string; asOf: number },
    ): Promise<{ status: string; outcome: string | null }> {
      const { loop, experimentId, key, actor, reason } = input;
      const at = new Date(input.asOf);
      const given = { experimentId, key, asked: { ...input.command, actor, reason } };
      const once = (work: (tx: Transaction) => Promise<CommandAnswer>) =>
        db.withLoop(loop, (tx) => answeredOnce(tx, loop, given, at, () => work(tx)));
      const answer = await once(async (tx) => {
        const { status, outcome } = await command(tx, loop, experimentId, given.asked, at);
        return { done: { status, outcome } };
      }).catch((error: unknown) => {
        const refusal = refusalOf(error);
        if (refusal === null) throw error;
        return once(async () => refusal); // in a transaction of its own: the refused one was rolled back
      });
      return doneOf(answer);
    },
  };
}
