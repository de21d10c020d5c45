// How a cycle ends: its row is closed and the slot is free, unless the experiment has it now.
import type { CycleOutcome } from "../domain/cycle.ts";
import { endCycle } from "../store/cycles.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";

export function endingActivities({ db, log }: ActivityDeps) {
  return {
    /** Ends a cycle, once, with its outcome and the reason in words. Returns how it ended: an earlier end stays. */
    async endCycle({
      loop,
      cycleId,
      outcome,
      reason,
      asOf,
    }: {
      loop: string;
      cycleId: string;
      outcome: CycleOutcome;
      reason: string;
      asOf: number;
    }): Promise<{ outcome: CycleOutcome; reason: string }> {
      const ended = await db.withLoop(loop, (tx) =>
        endCycle(tx, loop, cycleId, outcome, { actor: LOOP_ITSELF, reason }, new Date(asOf)),
      );
      const kept = { outcome: ended.outcome ?? outcome, reason: ended.outcome_reason ?? reason };
      log.info({ event: "cycle_ended", loop, cycle: cycleId, outcome: kept.outcome });
      return kept;
    },
  };
}
