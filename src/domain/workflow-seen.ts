// How a workflow looks from outside, as far as a row needs to know: what reconciling compares rows with.

export interface WorkflowSeen {
  /** Of its newest run. `ended`: otherwise than by itself; `out_of_time`: because it took longer than it may. */
  state: "running" | "completed" | "ended" | "out_of_time" | "missing";
  run: string | null;
  /** Whether somebody made that run by a reset. */
  reset: boolean;
}
