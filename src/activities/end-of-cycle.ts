// What a cycle that was interrupted comes to: when it had handed everything on, it did what it was for.
import type { CycleOutcome } from "../domain/cycle.ts";
import type { Experiment } from "../store/experiment/row.ts";

export interface EndOfCycle {
  outcome: CycleOutcome;
  reason: string;
}

/**
 * How it ends, from how it was to end and the experiment that it had begun (null: none). Only interruptions are put right.
 * `withdrawn`: its job was cancelled with an earlier run of its workflow, so that this one found it gone.
 */
export function endOf(begun: Pick<Experiment, "status"> | null, given: EndOfCycle, withdrawn = false): EndOfCycle {
  if (withdrawn && (given.outcome === "training_failed" || given.outcome === "failed"))
    return { outcome: "cancelled", reason: "it was cancelled, and its workflow reset after that: its job was gone" };
  if (begun === null || (given.outcome !== "cancelled" && given.outcome !== "failed")) return given;
  return {
    outcome: begun.status === "probation" ? "promoted" : "experiment",
    reason: `${given.reason}, when its experiment had begun`,
  };
}
