// Puts right what a crash, a terminate or a lost start left behind: rows that are open while their workflow is gone.
import type { CycleOutcome } from "../domain/cycle.ts";
import { openAlert } from "../store/alerts.ts";
import { endCycle, openCycle } from "../store/cycles.ts";
import { conclude } from "../store/experiment/lifecycle.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { cancelRun } from "./cancel-run.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";

export function reconcileActivities(deps: ActivityDeps) {
  const { db, workflows, log } = deps;

  /** The workflow was ended from outside: say so, in an alert too. */
  async function alarm(loop: string, subject: string, words: string, at: Date): Promise<void> {
    await db.withLoop(loop, (tx) => openAlert(tx, loop, { kind: "workflow_lost", subject, words, numbers: {} }, at));
    log.warn({ event: "workflow_lost", loop, subject });
  }

  return {
    /** Starts workflows that never started, closes rows whose workflow was ended from outside. Repeating it is harmless. */
    async reconcile({ loop, asOf }: { loop: string; asOf: number }): Promise<{ repaired: string[] }> {
      const at = new Date(asOf);
      const repaired: string[] = [];
      const { cycle, experiment } = await db.withLoop(loop, async (tx) => ({
        cycle: await openCycle(tx, loop),
        experiment: await openExperiment(tx, loop),
      }));
      if (cycle !== null) {
        const state = await workflows.state(`cycle/${cycle.id}`);
        if (state === "missing") {
          await workflows.startCycle({ loop, cycleId: cycle.id });
          repaired.push(`cycle/${cycle.id} started`);
        } else if (state !== "running") {
          await cancelRun(deps, { loop, cycleId: cycle.id });
          const outcome: CycleOutcome = "failed";
          await db.withLoop(loop, (tx) =>
            endCycle(
              tx,
              loop,
              cycle.id,
              outcome,
              { actor: LOOP_ITSELF, reason: "its workflow was ended from outside" },
              at,
            ),
          );
          await alarm(
            loop,
            `cycle/${cycle.id}`,
            `cycle ${cycle.number} was ended from outside: its job is cancelled and the slot is free`,
            at,
          );
          repaired.push(`cycle/${cycle.id} closed`);
        }
      }
      if (experiment !== null) {
        const state = await workflows.state(`experiment/${experiment.id}`);
        const watched = experiment.status === "probation"; // the new champion goes on being watched, by a new run
        if (state === "missing" || (state !== "running" && watched)) {
          await workflows.startExperiment({ loop, experimentId: experiment.id });
          repaired.push(`experiment/${experiment.id} started`);
          if (state !== "missing")
            await alarm(
              loop,
              `experiment/${experiment.id}`,
              "the experiment's workflow was ended from outside in probation: a new one watches on",
              at,
            );
        } else if (state !== "running") {
          const reason = "its workflow was ended from outside";
          await db.withLoop(loop, (tx) =>
            conclude(tx, loop, experiment.id, { outcome: "lost", at }, { actor: LOOP_ITSELF, reason }),
          );
          await alarm(
            loop,
            `experiment/${experiment.id}`,
            "the experiment was ended from outside: the challenger has left and the champion serves everybody",
            at,
          );
          repaired.push(`experiment/${experiment.id} closed`);
        }
      }
      return { repaired };
    },
  };
}
