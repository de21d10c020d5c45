// How a cycle ends: its row is closed and the slot is free, unless the experiment has it now.
import type { CycleOutcome } from "../domain/cycle.ts";
import { openAlert } from "../store/alerts.ts";
import { endCycle, loadCycle, snapshotDraft } from "../store/cycles.ts";
import { experimentOfCycle } from "../store/experiment/row.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { forgetUnfinished } from "../store/snapshots.ts";
import { CYCLE_ENDED, runsOfCycle } from "../store/training-runs.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { endOf } from "./end-of-cycle.ts";
import { MAY_BE_LEFT, orphansOf } from "./orphan-jobs.ts";
import { sayIfReset } from "./repair.ts";

export function endingActivities(deps: ActivityDeps) {
  const { db, log } = deps;
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
        const runs = await runsOfCycle(tx, cycleId);
        const withdrawn = runs.some((run) => run.status === "cancelled" && run.reason === CYCLE_ENDED);
        const end = endOf(await experimentOfCycle(tx, cycleId), { outcome, reason }, withdrawn);
        const asked = { actor: LOOP_ITSELF, reason: end.reason };
        const draft = await snapshotDraft(tx, loop, cycleId);
        if (draft !== null) await forgetUnfinished(tx, draft);
        const row = await endCycle(tx, loop, cycleId, end.outcome, asked, at);
        // An operator's own command would have closed the row before.
        if (before.ended_at === null && (outcome === "cancelled" || end.outcome === "cancelled")) {
          const jobs = (await orphansOf(tx, loop, cycleId)) ? MAY_BE_LEFT : "no job is left behind";
          const words = `the workflow of cycle ${before.number} was cancelled in Temporal: it ended as ${row.outcome}, and ${jobs}`;
          await openAlert(tx, loop, { kind: "workflow_lost", subject: `cycle/${cycleId}`, words, numbers: {} }, at);
        }
        return { ...row, isNew: before.ended_at === null };
      });
      const kept = { outcome: ended.outcome ?? outcome, reason: ended.outcome_reason ?? reason };
      if (ended.isNew) log.info({ event: "cycle_ended", loop, cycle: cycleId, outcome: kept.outcome });
      await sayIfReset(deps, { loop, subject: `cycle/${cycleId}`, at });
      return kept;
    },
  };
}
