// How many experiments a loop has had: each brings its own small chance of a false promotion, and together they add up.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";

/** Experiments but for A/A that came to their end, and those of them that promoted; one in probation has come to its end. */
export function finishedExperiments(tx: Transaction, loop: string): Promise<{ finished: number; promoted: number }> {
  return tx.one(
    z.object({ finished: z.number(), promoted: z.number() }),
    sql`
    select count(*) as finished,
           count(*) filter (where exists (select from promotion where promotion.experiment_id = experiment.id and kind = 'promotion')) as promoted
    from experiment where loop = ${loop} and status in ('closed', 'probation') and parameters -> 'aa' is distinct from 'true'::jsonb`,
  );
}
