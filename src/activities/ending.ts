// How a cycle ends: its row is closed and the slot is free, unless the experiment has it now.
import type { CycleOutcome } from "../domain/cycle.ts";
import { openAlert } from "../store/alerts.ts";
import { endCycle, loadCycle } from "../store/cycles.ts";
import { experimentOfCycle } from "../store/experiment/row.ts";
import { holdLoop } from "../store/hold-loop.ts";
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
      const at = new Date(asOf);
      const ended = await db.withLoop(loop, async (tx) => {
        await holdLoop(tx, loop);
        const before = await loadCycle(tx, loop, cycleId);
        const given = { outcome, reason };
        // Interrupted when it had handed everything on: the experiment goes on, so the cycle did what it was for.
        if (before.ended_at === null && (outcome === "cancelled" || outcome === "failed")) {
          const begun = await experimentOfCycle(tx, cycleId);
          if (begun !== null)
            Object.assign(given, {
              outcome: begun.status === "probation" ? "promoted" : "experiment",
              reason: `${reason}, when its experiment had begun`,
            });
        }
        const asked = { actor: LOOP_ITSELF, reason: given.reason };
        const row = await endCycle(tx, loop, cycleId, given.outcome, asked, at);
        // An operator's own command would have closed the row before.
        if (before.ended_at === null && outcome === "cancelled") {
          const words = `the workflow of cycle ${before.number} was cancelled in Temporal: it ended as ${row.outcome}, and no job is left behind`;
          await openAlert(tx, loop, { kind: "workflow_lost", subject: `cycle/${cycleId}`, words, numbers: {} }, at);
        }
        return row;
      });
      const kept = { outcome: ended.outcome ?? outcome, reason: ended.outcome_reason ?? reason };
      log.info({ event: "cycle_ended", loop, cycle: cycleId, outcome: kept.outcome });
      return kept;
    },
  };
}
