// Puts right what a crash, a terminate or a lost start left behind: rows that are open while their workflow is gone.
import type { Transaction } from "../db/database.ts";
import { closeAlert, openAlert, openAlerts } from "../store/alerts.ts";
import { type Cycle, endCycle, openCycle } from "../store/cycles.ts";
import { conclude } from "../store/experiment/lifecycle.ts";
import { type Experiment, openExperiment } from "../store/experiment/row.ts";
import { holdLoop } from "../store/hold-loop.ts";
import { cancelRun } from "./cancel-run.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";

const KIND = "workflow_lost";
/** How long it stays on the list of open alerts that something was put right. */
const SHOWN_FOR = 24 * 3_600_000;
const ENDED = { actor: LOOP_ITSELF, reason: "its workflow was ended from outside" };

export function reconcileActivities(deps: ActivityDeps) {
  const { db, workflows, log } = deps;

  /** Does `mend` if the row is still as it was when its workflow's state was asked, and says so in an alert. */
  async function putRight(
    loop: string,
    subject: string,
    words: string,
    at: Date,
    mend: (tx: Transaction) => Promise<boolean>,
  ): Promise<string[]> {
    const mended = await db.withLoop(loop, async (tx) => {
      await holdLoop(tx, loop);
      if (!(await mend(tx))) return false;
      await openAlert(tx, loop, { kind: KIND, subject, words, numbers: {} }, at);
      return true;
    });
    if (!mended) return [];
    log.warn({ event: "workflow_lost", loop, subject });
    return [`${subject}: ${words}`];
  }

  async function mendCycle(loop: string, cycle: Cycle, at: Date): Promise<string[]> {
    const subject = `cycle/${cycle.id}`;
    const state = await workflows.state(subject);
    if (state === "running") return [];
    if (state === "missing") {
      await workflows.startCycle({ loop, cycleId: cycle.id });
      return [`${subject}: started`];
    }
    const still = async (tx: Transaction) => (await openCycle(tx, loop))?.id === cycle.id;
    if (!(await db.withLoop(loop, still))) return [];
    await cancelRun(deps, { loop, cycleId: cycle.id }); // before the row closes: a crash in between does it again
    const words = `cycle ${cycle.number} was ended from outside: its job is cancelled and the slot is free`;
    return putRight(loop, subject, words, at, async (tx) => {
      if (!(await still(tx))) return false;
      await endCycle(tx, loop, cycle.id, "failed", ENDED, at);
      return true;
    });
  }

  async function mendExperiment(loop: string, experiment: Experiment, at: Date): Promise<string[]> {
    const subject = `experiment/${experiment.id}`;
    const state = await workflows.state(subject);
    if (state === "running") return [];
    const start = () => workflows.startExperiment({ loop, experimentId: experiment.id });
    if (state === "missing") {
      await start();
      return [`${subject}: started`];
    }
    const still = async (tx: Transaction) => {
      const now = await openExperiment(tx, loop);
      return now?.id === experiment.id && now.status === experiment.status;
    };
    if (experiment.status === "probation") {
      // The new champion goes on being watched, by a new run.
      const words = "the experiment was ended from outside in its probation: a new run watches on";
      const mended = await putRight(loop, subject, words, at, still);
      if (mended.length > 0) await start();
      return mended;
    }
    const words = "the experiment was ended from outside: the challenger has left and the champion serves everybody";
    return putRight(loop, subject, words, at, async (tx) => {
      if (!(await still(tx))) return false;
      await conclude(tx, loop, experiment.id, { outcome: "lost", at }, ENDED);
      return true;
    });
  }

  return {
    /** Starts workflows that never started, closes rows whose workflow was ended from outside. Repeating it is harmless. */
    async reconcile({ loop, asOf }: { loop: string; asOf: number }): Promise<{ repaired: string[] }> {
      const at = new Date(asOf);
      const { cycle, experiment } = await db.withLoop(loop, async (tx) => {
        for (const alert of await openAlerts(tx, loop))
          if (alert.kind === KIND && at.getTime() - alert.opened_at.getTime() > SHOWN_FOR)
            await closeAlert(tx, loop, alert, at);
        return { cycle: await openCycle(tx, loop), experiment: await openExperiment(tx, loop) };
      });
      return {
        repaired: [
          ...(cycle === null ? [] : await mendCycle(loop, cycle, at)),
          ...(experiment === null ? [] : await mendExperiment(loop, experiment, at)),
        ],
      };
    },
  };
}
