// All the effects that workflows may ask for. Workflow code imports the type alone.
import { archiveActivities } from "./archive.ts";
import { beginActivities } from "./begin-experiment.ts";
import type { ActivityDeps } from "./deps.ts";
import { endingActivities } from "./ending.ts";
import { evaluateActivities } from "./evaluate.ts";
import { experimentActivities } from "./experiment.ts";
import { finalFaults } from "./final-faults.ts";
import { generateActivities } from "./generate.ts";
import { keepBeating } from "./heartbeat.ts";
import { lookActivities } from "./look.ts";
import { prepareActivities } from "./prepare.ts";
import { pulseActivities } from "./pulse.ts";
import { rebuildActivities } from "./rebuild.ts";
import { reconcileActivities } from "./reconcile.ts";
import { startActivities } from "./start.ts";
import { trainingActivities } from "./training.ts";

export function createActivities(deps: ActivityDeps) {
  const activities = {
    ...reconcileActivities(deps),
    ...pulseActivities(deps),
    ...trainingActivities(deps),
    ...evaluateActivities(deps),
    ...beginActivities(deps),
    ...lookActivities(deps),
    ...experimentActivities(deps),
    ...endingActivities(deps),
    ...startActivities(deps),
  };
  return finalFaults(keepBeating(activities));
}

/** Those that work on all that may be learned from: they have a task queue to themselves, so that it can be scaled by itself. */
export function createHeavyActivities(deps: ActivityDeps) {
  return finalFaults(
    keepBeating({
      ...prepareActivities(deps),
      ...generateActivities(deps),
      ...archiveActivities(deps),
      ...rebuildActivities(deps),
    }),
  );
}
export type Activities = ReturnType<typeof createActivities>;
export type HeavyActivities = ReturnType<typeof createHeavyActivities>;
