// Cancelling a cycle: once, while it is under way; who comes too late hears who ended it, when and how.

import type { Transaction } from "../db/database.ts";
import { instantInWords } from "../domain/duration.ts";
import type { Asked } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import { lastAuditOf } from "./audit.ts";
import { type Cycle, endCycle, loadCycle } from "./cycles.ts";
import { experimentOfCycle } from "./experiment/row.ts";
import { holdLoop } from "./hold-loop.ts";

/** Ends a cycle as cancelled. Throws a Fault `conflict` when it is over already. */
export async function cancelCycle(tx: Transaction, loop: string, id: string, asked: Asked, at: Date): Promise<Cycle> {
  await holdLoop(tx, loop); // stages and ends change under the loop's lock
  const cycle = await loadCycle(tx, loop, id);
  const experiment = await experimentOfCycle(tx, id);
  const goesOn = experiment !== null && experiment.status !== "closed";
  if (cycle.ended_at === null) {
    if (!goesOn) return endCycle(tx, loop, id, "cancelled", asked, at);
    throw new Fault("conflict", `cycle ${cycle.number} is done: its experiment ${experiment.id} runs`, {
      hint: "stop the experiment instead",
      details: { experiment: experiment.id },
    });
  }
  const ended = await lastAuditOf(tx, loop, `cycle/${id}`);
  throw new Fault(
    "conflict",
    `cycle ${cycle.number} is over: ${cycle.outcome} by ${ended?.actor ?? "its workflow"} at ${instantInWords(cycle.ended_at)} (${cycle.outcome_reason})`,
    {
      hint: goesOn
        ? `it went on to experiment ${experiment.id}: stop that instead`
        : "ratchet cycle show tells the rest",
      details: {
        who: ended?.actor ?? null,
        when: cycle.ended_at.toISOString(),
        what: cycle.outcome,
        ...(goesOn ? { experiment: experiment.id } : {}),
      },
    },
  );
}
