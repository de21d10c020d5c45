// Every loop has its schedule: on a new Temporal, after one that lost its data, and for loops made while it was away.
import type { Database } from "../db/database.ts";
import { listLoops, pulseOf } from "../store/loops.ts";

/** Makes or updates the schedule of every loop's pulse. An operator's pause in Temporal stays. */
export async function everyPulse(
  db: Database,
  workflows: { ensurePulse(loop: ReturnType<typeof pulseOf>): Promise<void> },
): Promise<void> {
  for (const loop of await db.acrossLoops(listLoops)) await workflows.ensurePulse(pulseOf(loop));
}
