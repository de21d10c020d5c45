// When something under way last moved: read from what it put on record.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";

const moved = z.object({ at: z.date() });

/** When a cycle last put something on record: its start, its snapshot, what became of its training, its report. */
export async function cycleMovedAt(tx: Transaction, id: string): Promise<Date> {
  const { at } = await tx.one(
    moved,
    sql`
    select greatest(cycle.started_at, max(snapshot.created_at), max(run.intended_at), max(run.sent_at), max(run.submitted_at),
                    max(run.ended_at), max(evaluation.at)) as at
    from cycle
      left join snapshot on snapshot.cycle_id = cycle.id
      left join training_run run on run.cycle_id = cycle.id
      left join evaluation on evaluation.cycle_id = cycle.id
    where cycle.id = ${id} group by cycle.id`,
  );
  return at;
}

/** When an experiment was last looked at, or else began. */
export async function experimentSeenAt(tx: Transaction, id: string): Promise<Date> {
  const { at } = await tx.one(
    moved,
    sql`
    select greatest(experiment.started_at, max(look.at)) as at from experiment left join look on look.experiment_id = experiment.id
    where experiment.id = ${id} group by experiment.id`,
  );
  return at;
}
