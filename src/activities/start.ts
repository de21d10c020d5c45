// Starting the next workflow. By the client and not as a child: the same call serves a pulse, an operator and the
// reconciliation, it is harmless to repeat, and what is started outlives whoever started it.
import type { ActivityDeps } from "./deps.ts";

export function startActivities({ workflows }: ActivityDeps) {
  return {
    async startCycle(input: { loop: string; cycleId: string }): Promise<void> {
      await workflows.startCycle(input);
    },
    async startExperiment(input: { loop: string; experimentId: string }): Promise<void> {
      await workflows.startExperiment(input);
    },
  };
}
