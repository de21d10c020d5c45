// What activities are given: everything that has an effect comes in from outside.
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Database } from "../db/database.ts";
import type { WorkflowSeen } from "../domain/workflow-seen.ts";
import type { Log } from "../log.ts";
import type { Providers } from "../providers/providers.ts";
import type { ServedModels } from "../serving/served-models.ts";
import type { LoopMeter } from "../telemetry/meter.ts";
import type { Trainers } from "../trainers/registry.ts";
import type { Preparer } from "./preparing/preparer.ts";

export interface ActivityDeps {
  db: Database;
  artifacts: Artifacts;
  providers: Providers;
  trainers: Trainers;
  models: ServedModels;
  workflows: WorkflowControl;
  /** Does the costly work on what may be learned from. */
  preparer: Preparer;
  log: Log;
  meter: LoopMeter;
  /** Stands in every manifest. */
  codeVersion: string;
}

/** What reconciling needs of Temporal; the client's Workflows satisfy it. */
export interface WorkflowControl {
  startCycle(input: { loop: string; cycleId: string }): Promise<void>;
  startExperiment(input: { loop: string; experimentId: string }): Promise<void>;
  see(workflowId: string): Promise<WorkflowSeen>;
}

/** Who acts when no person does. */
export const LOOP_ITSELF = "ratchet";
