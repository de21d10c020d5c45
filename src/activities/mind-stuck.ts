// Says when a cycle or an experiment stands still, and takes it back when it moves again.
import { longestIn, longestUnseen, stuckFor } from "../analysis/stuck.ts";
import type { Transaction } from "../db/database.ts";
import { milliseconds } from "../domain/duration.ts";
import { closeAlert, openAlert, openAlerts } from "../store/alerts.ts";
import { openCycle } from "../store/cycles.ts";
import { openExperiment } from "../store/experiment/row.ts";
import { settingsAt } from "../store/loops.ts";
import { cycleMovedAt, experimentSeenAt } from "../store/progress.ts";

/** Open while something stands still, with its workflow's id as subject. */
const STUCK = "stuck" as const;

/** Opens the alert `stuck` of what stands still, closes every other one. The subjects that were not stuck before. */
export async function mindStuck(tx: Transaction, loop: string, at: Date): Promise<string[]> {
  const stuck = [await stuckCycle(tx, loop, at), await stuckExperiment(tx, loop, at)].filter((one) => one !== null);
  const fresh: string[] = [];
  for (const alert of stuck)
    if (await openAlert(tx, loop, { kind: STUCK, ...alert, numbers: {} }, at)) fresh.push(alert.subject);
  for (const alert of await openAlerts(tx, loop))
    if (alert.kind === STUCK && !stuck.some((one) => one.subject === alert.subject))
      await closeAlert(tx, loop, alert, at);
  return fresh;
}

type Stuck = { subject: string; words: string } | null;

async function stuckCycle(tx: Transaction, loop: string, at: Date): Promise<Stuck> {
  const cycle = await openCycle(tx, loop);
  if (cycle === null) return null;
  const { training } = await settingsAt(tx, loop, cycle.settings_version);
  const longest = longestIn(cycle.stage, milliseconds(training.deadline));
  const what = `cycle ${cycle.number} stands in the stage ${cycle.stage}`;
  const words = stuckFor(what, await cycleMovedAt(tx, cycle.id), longest, at);
  return words === null ? null : { subject: `cycle/${cycle.id}`, words };
}

async function stuckExperiment(tx: Transaction, loop: string, at: Date): Promise<Stuck> {
  const experiment = await openExperiment(tx, loop);
  if (experiment === null) return null;
  const longest = longestUnseen(experiment.parameters.lookEvery);
  const what = "the experiment was not looked at";
  const words = stuckFor(what, await experimentSeenAt(tx, experiment.id), longest, at);
  return words === null ? null : { subject: `experiment/${experiment.id}`, words };
}
