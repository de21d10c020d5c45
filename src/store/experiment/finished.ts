// How many experiments a loop has had: each brings its own small chance of a false promotion, and together they add up.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { Past } from "../../evidence/plan-words.ts";

/**
 * Experiments but for A/A that came to their end (one in probation has), and what they promoted: on the evidence, past it by an operator's
 * override, and of both what was rolled back.
 */
export async function finishedExperiments(tx: Transaction, loop: string): Promise<Past> {
  const { rolled_back: rolledBack, ...counts } = await tx.one(
    z.object({ finished: z.number(), promoted: z.number(), overridden: z.number(), rolled_back: z.number() }),
    sql`
    select count(*) as finished,
           count(*) filter (where promotion.supported) as promoted,
           count(*) filter (where not promotion.supported) as overridden,
           count(*) filter (where exists (select from promotion as undone where undone.experiment_id = experiment.id and undone.kind = 'rollback')) as rolled_back
    from experiment left join promotion on promotion.experiment_id = experiment.id and promotion.kind = 'promotion'
    where experiment.loop = ${loop} and status in ('closed', 'probation') and parameters -> 'aa' is distinct from 'true'::jsonb`,
  );
  return { ...counts, rolledBack };
}
