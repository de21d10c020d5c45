// A cycle's stages and ends.

export type CycleStage = "generate" | "train" | "poll" | "evaluate" | "experiment" | "done";

/** Why a cycle ended. A business "no" is an outcome, not a failure. */
export type CycleOutcome =
  | "experiment" // the candidate went on to an experiment
  | "promoted" // experiments are off: promoted after the gate
  | "nothing_to_learn"
  | "prepared" // the snapshot is there, training is not automatic
  | "over_budget"
  | "training_failed"
  | "gate_failed"
  | "cancelled"
  | "failed";
