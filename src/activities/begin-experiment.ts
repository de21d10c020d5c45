// The experiment's beginning: that of a cycle's candidate, by the settings that the cycle goes by; or, with experiments switched off, none.
import type { Transaction } from "../db/database.ts";
import type { ExperimentParameters } from "../domain/experiment.ts";
import { newId } from "../domain/id.ts";
import { freeze } from "../evidence/freeze.ts";
import { championBefore } from "../store/champion-before.ts";
import { enterStage, loadCycle } from "../store/cycles.ts";
import { awaitApproval, beginExperiment, promote } from "../store/experiment/lifecycle.ts";
import { experimentOfCycle } from "../store/experiment/row.ts";
import { evaluationOfCycle } from "../store/gold.ts";
import { settingsAt } from "../store/loops.ts";
import { type ActivityDeps, LOOP_ITSELF } from "./deps.ts";

export function beginActivities({ db }: ActivityDeps) {
  return {
    /** Begins the experiment of a cycle's candidate, once. */
    async beginExperiment({
      loop,
      cycleId,
      modelId,
      asOf,
    }: {
      loop: string;
      cycleId: string;
      modelId: string;
      asOf: number;
    }): Promise<{ experimentId: string; promoted: boolean }> {
      const at = new Date(asOf);
      return db.withLoop(loop, async (tx) => {
        await enterStage(tx, loop, cycleId, "experiment");
        const cycle = await loadCycle(tx, loop, cycleId);
        const begun = await experimentOfCycle(tx, cycleId);
        if (begun !== null) return { experimentId: begun.id, promoted: begun.status === "probation" };
        const settings = await settingsAt(tx, loop, cycle.settings_version);
        const id = newId();
        const parameters = freeze(settings, await championBefore(tx, loop, settings.experiment.primary, at), id);
        const reason = `the candidate of cycle ${cycle.number} passed the gate`;
        const begin = { id, cycleId, challengerId: modelId, parameters, at };
        await beginExperiment(tx, loop, begin, { actor: LOOP_ITSELF, reason });
        if (settings.experiment.enabled) return { experimentId: id, promoted: false };
        return { experimentId: id, promoted: await skipExperiment(tx, loop, { id, cycleId, parameters, at }) };
      });
    },
  };
}

/**
 * Experiments are switched off: the gate's word is all there is. It is promoted at once, or waits for a person, as the
 * settings say; nobody meets it before. A promotion that nothing was tested for stays marked as unsupported.
 */
async function skipExperiment(
  tx: Transaction,
  loop: string,
  begun: { id: string; cycleId: string; parameters: ExperimentParameters; at: Date },
): Promise<boolean> {
  const { id, cycleId, parameters, at } = begun;
  const gate = await evaluationOfCycle(tx, cycleId);
  const tested = gate !== null && gate.gold_set !== null;
  const asked = { actor: LOOP_ITSELF, reason: `experiments are switched off; ${gate?.reason ?? "nothing was tested"}` };
  const verdict = { kind: tested ? "promote" : "untested", because: "gate", reason: asked.reason };
  if (parameters.promotion === "automatic") {
    await promote(tx, loop, id, { verdict, supported: tested, at }, asked);
    return true;
  }
  await awaitApproval(tx, loop, id, verdict, asked, at);
  return false;
}
