// Opening the next phase of a ramp: who has entered stays, more units come in, and routing has a new version.
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { Asked } from "../../domain/experiment.ts";
import { phasesOf } from "../../domain/phases.ts";
import { changed } from "./lifecycle.ts";
import type { Experiment } from "./row.ts";

/** Opens a phase, numbered from 1. False when it is not the next one, or nobody enters any more: paused, to be approved, promoted, or over. */
export async function openPhase(
  tx: Transaction,
  { id, loop, parameters }: Experiment,
  phase: number,
  asked: Asked,
  at: Date,
): Promise<boolean> {
  const opened = await tx.run(sql`
    update experiment set phases_open = ${phase}
    where id = ${id} and phases_open = ${phase - 1} and paused_at is null
      and (status = 'running' or status = 'awaiting_approval' and parameters ->> 'promotion' = 'automatic')`);
  if (opened === 0) return false;
  const phases = phasesOf(parameters);
  await changed(tx, loop, id, "experiment.ramp", asked, at, { phase, of: phases.length, ...phases[phase - 1] });
  return true;
}
