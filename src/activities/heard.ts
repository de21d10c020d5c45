// What an experiment's workflow hears of its row; that it is over it hears once, since it ends by that.
import type { Transaction } from "../db/database.ts";
import { loadExperiment } from "../store/experiment/row.ts";
import type { ActivityDeps } from "./deps.ts";
import { sayIfReset } from "./repair.ts";
import { type ExperimentStanding, standingOf } from "./standing.ts";

export interface OfExperiment {
  loop: string;
  experimentId: string;
}

export async function readStanding(tx: Transaction, { loop, experimentId }: OfExperiment): Promise<ExperimentStanding> {
  return standingOf(tx, await loadExperiment(tx, loop, experimentId));
}

/** The standing as it is handed to the workflow; the end of an experiment is logged, and a reset in it told. */
export async function heard(
  deps: ActivityDeps,
  now: ExperimentStanding,
  { loop, experimentId }: OfExperiment,
): Promise<ExperimentStanding> {
  if (now.status !== "closed") return now;
  const { log } = deps;
  log.info({ event: "learning_loop_complete", loop, experiment: experimentId, outcome: now.outcome ?? "" });
  await sayIfReset(deps, { loop, subject: `experiment/${experimentId}`, at: new Date() });
  return now;
}
