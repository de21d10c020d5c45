// How a workflow looks from outside, as far as a row needs to know: what reconciling compares rows with.

export interface WorkflowSeen {
  /** Of its newest run. `ended`: otherwise than by itself. */
  state: "running" | "completed" | "ended" | "missing";
  run: string | null;
  /** Whether somebody made that run by a reset. */
  reset: boolean;
}
