// Starting the next workflow. By the client and not as a child: the same call serves a pulse, an operator and the
// reconciliation, it is harmless to repeat, and what is started outlives whoever started it.
import { endPulse } from "../store/pulses.ts";
import type { ActivityDeps } from "./deps.ts";

export function startActivities({ db, workflows }: ActivityDeps) {
  return {
    /** Starts the cycle that a pulse found due; with that the pulse is through. */
    async startCycle(input: { loop: string; cycleId: string }): Promise<void> {
      await workflows.startCycle(input);
      await db.withLoop(input.loop, (tx) => endPulse(tx, input.loop));
    },
    async startExperiment(input: { loop: string; experimentId: string }): Promise<void> {
      await workflows.startExperiment(input);
    },
  };
}
