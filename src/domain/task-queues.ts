// Where workers ask Temporal for work.

/** Workflows, and activities that are over soon or mostly wait. */
export const TASK_QUEUE = "ratchet";

/** Activities that work on all that may be learned from, for minutes, with all the processors they are given. */
export const HEAVY_TASK_QUEUE = "ratchet-heavy";
