// Puts right what a crash, a terminate or a lost start left behind: rows that are open while their workflow is gone.
// All of it is said: in the audit always, in an alert when somebody did it by hand.
import { Context } from "@temporalio/activity";
import type { Transaction } from "../db/database.ts";
import { closeAlert, openAlerts } from "../store/alerts.ts";
import { type Cycle, endCycle, openCycle } from "../store/cycles.ts";
import { conclude } from "../store/experiment/lifecycle.ts";
import { type Experiment, experimentOfCycle, openExperiment } from "../store/experiment/row.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { loadLoop } from "../store/loops.ts";
import { beginPulse, pulseUnderWay } from "../store/pulses.ts";
import { strayRuns } from "../store/training-runs.ts";
import { cancelRuns } from "./cancel-run.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";
import { endOf } from "./end-of-cycle.ts";
import { mindStuck } from "./mind-stuck.ts";
import { cancelOrphans, MAY_BE_LEFT, orphansOf } from "./orphan-jobs.ts";
import { note, RECONCILED, type Repair, repair, sayReset } from "./repair.ts";
import { TRAINER_CLOSED } from "./submit-training.ts";

/** How long it stays on the list of open alerts that something was put right. */
const SHOWN_FOR = 24 * 3_600_000;
const FROM_OUTSIDE = "its workflow was ended from outside";
const ENDED = { actor: LOOP_ITSELF, reason: FROM_OUTSIDE };

export function reconcileActivities(deps: ActivityDeps) {
  const { db, workflows, log } = deps;

  async function mendCycle(loop: string, cycle: Cycle, at: Date): Promise<string[]> {
    const subject = `cycle/${cycle.id}`;
    const { state, run, reset } = await workflows.see(subject);
    const about = { loop, subject, run, at };
    if (state === "running") return reset ? sayReset(deps, about) : [];
    if (state === "missing") {
      const said = await startLate(about);
      await workflows.startCycle({ loop, cycleId: cycle.id });
      return said;
    }
    const still = async (tx: Transaction) => (await openCycle(tx, loop))?.id === cycle.id;
    if (!(await db.withLoop(loop, still))) return [];
    // Before the row closes: a crash in between does it again. While a submission may yet arrive, the next pulse does.
    if (await cancelRuns(deps, { loop, cycleId: cycle.id, asOf: at.getTime() })) return [];
    return repair(deps, { ...about, action: null, alert: "workflow_lost" }, async (tx) => {
      if (!(await still(tx))) return null;
      // It had done its work, and could not say so any more.
      const begun = await experimentOfCycle(tx, cycle.id);
      const { outcome, reason } = endOf(begun, { outcome: "failed", reason: FROM_OUTSIDE });
      await endCycle(tx, loop, cycle.id, outcome, { actor: LOOP_ITSELF, reason }, at);
      const jobs = (await orphansOf(tx, loop, cycle.id)) ? MAY_BE_LEFT : "no job is left behind";
      return begun === null
        ? `cycle ${cycle.number} was ended from outside: ${jobs} and the slot is free`
        : `cycle ${cycle.number} was ended from outside when it was done: its experiment goes on`;
    });
  }

  /** The runs of cycles that are over, of which nobody took care: a job may train on, and its money counts as spent. */
  async function mendRuns(loop: string, at: Date): Promise<string[]> {
    const stray = await db.withLoop(loop, (tx) => strayRuns(tx, loop));
    const mended: string[] = [];
    for (const { cycle_id: cycleId, key } of stray) {
      const subject = `cycle/${cycleId}`;
      const { state } = await workflows.see(subject);
      if (state === "running") continue; // it is about to do it itself
      const about = { loop, subject, run: key, at, action: "cycle.run_ended", alert: "workflow_lost" } as const;
      const words = `the cycle was over and its training run ${key} was not: its job is cancelled, if there is one`;
      const still = async (tx: Transaction) => (await strayRuns(tx, loop)).some((run) => run.key === key);
      // Said first, once: a crash in between does the rest the next time. So does the next pulse while a submission may arrive.
      mended.push(...(await repair(deps, about, async (tx) => ((await still(tx)) ? words : null))));
      await cancelRuns(deps, { loop, cycleId, asOf: at.getTime() });
    }
    return mended;
  }

  async function mendExperiment(loop: string, experiment: Experiment, at: Date): Promise<string[]> {
    const subject = `experiment/${experiment.id}`;
    const { state, run, reset } = await workflows.see(subject);
    const about = { loop, subject, run, at };
    if (state === "running") return reset ? sayReset(deps, about) : [];
    const start = () => workflows.startExperiment({ loop, experimentId: experiment.id });
    if (state === "missing") {
      const said = await startLate(about);
      await start();
      return said;
    }
    const still = async (tx: Transaction) => {
      const now = await openExperiment(tx, loop);
      return now?.id === experiment.id && now.status === experiment.status;
    };
    if (experiment.status === "probation") {
      // The new champion goes on being watched, by a new run; a crash in between starts it the next time.
      const words = "the experiment was ended from outside in its probation: a new run watches on";
      const watched = { ...about, action: "experiment.watch_on", alert: "workflow_lost" } as const;
      const mended = await repair(deps, watched, async (tx) => ((await still(tx)) ? words : null));
      if (await db.withLoop(loop, still)) await start();
      return mended;
    }
    return repair(deps, { ...about, action: null, alert: "workflow_lost" }, async (tx) => {
      if (!(await still(tx))) return null;
      await conclude(tx, loop, experiment.id, { outcome: "lost", at }, ENDED);
      return "the experiment was ended from outside: the challenger has left and the champion serves everybody";
    });
  }

  /** The start was lost, or Temporal was away: nobody did anything wrong, so there is no alert. */
  function startLate(about: Pick<Repair, "loop" | "subject" | "at">): Promise<string[]> {
    const action = about.subject.replace(/\/.*/, ".start_late");
    const words = "its workflow had not started: this pulse starts it";
    return repair(deps, { ...about, run: about.at.toISOString(), action, alert: null }, async () => words);
  }

  /** Begins this pulse, and says so when the one before it never came to its decision. */
  async function mendPulse(loop: string, at: Date): Promise<string[]> {
    const { workflowId, runId } = Context.current().info.workflowExecution!;
    const former = await db.withLoop(loop, (tx) => pulseUnderWay(tx, loop));
    const seen = former === null || former.run === runId ? null : await workflows.see(former.workflow);
    // Under the same id a newer run than ours would have ended ours; so one that runs and is not ours still works on it.
    const lost = seen !== null && !(seen.state === "running" && seen.run !== runId);
    return db.withLoop(loop, async (tx) => {
      await holdLoop(tx, loop);
      if ((await pulseUnderWay(tx, loop))?.run !== former?.run) return []; // another attempt of this was quicker
      if (seen !== null && !lost) return [];
      await beginPulse(tx, loop, { workflow: workflowId, run: runId, asOf: at.toISOString() });
      if (former === null || !lost) return [];
      const how = seen?.state === "out_of_time" ? "ran out of time" : "was ended from outside";
      const words = `the pulse of ${former.asOf} ${how} before it was through: this one does its work`;
      const subject = `pulse/${former.asOf}`;
      return note(
        deps,
        tx,
        { loop, subject, run: former.run, at, action: "pulse.lost", alert: "workflow_lost" },
        words,
      );
    });
  }

  return {
    /** Starts workflows that never started, closes rows whose workflow was ended from outside. Repeating it is harmless. */
    async reconcile({ loop, asOf }: { loop: string; asOf: number }): Promise<{ repaired: string[] }> {
      const at = new Date(asOf);
      const { cycle, experiment } = await db.withLoop(loop, async (tx) => {
        for (const alert of await openAlerts(tx, loop))
          if (RECONCILED.has(alert.kind) && at.getTime() - alert.opened_at.getTime() > SHOWN_FOR)
            await closeAlert(tx, loop, alert, at);
        await closeForgotten(tx, loop, at);
        return { cycle: await openCycle(tx, loop), experiment: await openExperiment(tx, loop) };
      });
      const repaired = [
        ...(await mendPulse(loop, at)),
        ...(await cancelOrphans(deps, loop, at)),
        ...(cycle === null ? [] : await mendCycle(loop, cycle, at)),
        ...(await mendRuns(loop, at)),
        ...(experiment === null ? [] : await mendExperiment(loop, experiment, at)),
      ];
      const stuck = await db.withLoop(loop, (tx) => mindStuck(tx, loop, at));
      for (const subject of stuck) log.warn({ event: "stuck", loop, subject });
      return { repaired };
    },
  };
}

/** A trainer that this loop does not use any more cannot open to it again: its alert is closed. */
async function closeForgotten(tx: Transaction, loop: string, at: Date): Promise<void> {
  const { training } = (await loadLoop(tx, loop)).settings;
  for (const alert of await openAlerts(tx, loop))
    if (alert.kind === TRAINER_CLOSED && alert.subject !== training.trainer && alert.subject !== training.fallback)
      await closeAlert(tx, loop, alert, at);
}
