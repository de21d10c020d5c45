// Which histories there must be: every workflow, every way it can end, and every stage it can be found in.

export const WANTED: readonly string[] = [
  ...["pulse-not-due", "pulse-due", "pulse-reset"],
  // Cycles that ended: with an experiment, a champion, or nothing.
  ...["cycle-to-experiment", "cycle-promoted", "cycle-fallback", "cycle-training-failed", "cycle-training-refused"],
  ...["cycle-files-refused", "cycle-trainer-closed", "cycle-out-of-time", "cycle-prepared", "cycle-over-budget"],
  ...["cycle-gate-failed", "cycle-nothing-to-learn", "cycle-cancelled-submitting", "cycle-cancelled-training"],
  // In the middle, and gone on after a reset.
  ...["cycle-under-way-submitting", "cycle-under-way-training", "cycle-reset-training", "cycle-reset-ended"],
  // Experiments that ended.
  ...["experiment-approved", "experiment-rejected", "experiment-stopped", "experiment-approval-timed-out"],
  ...["experiment-harmful", "experiment-futile", "experiment-inconclusive", "experiment-extended-twice"],
  ...["experiment-paused-over-night", "experiment-model-gone", "experiment-rolled-back"],
  ...["experiment-rolled-back-without-model", "experiment-kept"],
  // In the middle, and gone on after a reset.
  ...["experiment-under-way", "experiment-under-way-paused", "experiment-under-way-awaiting-approval"],
  ...["experiment-under-way-in-probation", "experiment-reset"],
];
