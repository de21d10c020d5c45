// The child's side of the link to the process that started it. Works, and does nothing, when there is none.

/** Calls `onEnd` once when the parent is gone, however it went, a kill -9 included. */
export function endWithParent(onEnd: () => void): void {
  if (process.send === undefined) return;
  process.once("disconnect", onEnd);
  process.channel?.unref(); // the link alone keeps nobody alive
}

/** Tells the parent that this child does its work now, with what the parent should know, such as a port. */
export function announceReady(facts: Readonly<Record<string, unknown>> = {}): void {
  process.send?.({ kind: "ready", facts });
}
