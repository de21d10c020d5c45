// How a loop's A/A experiments ended, and which checks raised an alarm in them. Reads each look's checks once.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { AaCounts } from "../../evidence/calibration.ts";

/** The counts of those that are over, by the verdict that ended them. */
export async function aaCounts(tx: Transaction, loop: string): Promise<AaCounts> {
  const { out_of_time, cut_short, ...same } = await tx.one(
    z.object({
      finished: z.number(),
      promoted: z.number(),
      asked: z.number(),
      harmful: z.number(),
      guardrail: z.number(),
      futile: z.number(),
      out_of_time: z.number(),
      cut_short: z.number(),
    }),
    sql`
    with ended as (
      select verdict ->> 'kind' as kind, verdict ->> 'because' as because, (verdict ->> 'asks')::boolean as asks,
        outcome in ('inconclusive', 'harmful', 'futile') as finished
      from experiment where loop = ${loop} and status = 'closed' and parameters -> 'aa' = 'true'::jsonb
    )
    select count(*) filter (where finished) as finished,
      count(*) filter (where finished and kind = 'promote') as promoted,
      count(*) filter (where finished and kind = 'promote' and asks) as asked,
      count(*) filter (where finished and because = 'harm') as harmful,
      count(*) filter (where finished and because = 'guardrail') as guardrail,
      count(*) filter (where finished and because = 'futile') as futile,
      count(*) filter (where finished and because = 'out_of_time') as out_of_time,
      count(*) filter (where not finished) as cut_short
    from ended`,
  );
  return { ...same, outOfTime: out_of_time, cutShort: cut_short };
}

/** In how many A/A experiments each check raised an alarm, running ones included; the most frequent first. */
export function aaAlarms(tx: Transaction, loop: string): Promise<{ check: string; experiments: number }[]> {
  return tx.rows(
    z.object({ check: z.string(), experiments: z.number() }),
    sql`
    select found ->> 'name' as check, count(distinct look.experiment_id) as experiments
    from experiment join look on look.experiment_id = experiment.id
    cross join lateral jsonb_array_elements(look.verdict -> 'checks') as found
    where experiment.loop = ${loop} and experiment.parameters -> 'aa' = 'true'::jsonb and (found ->> 'alarm')::boolean
    group by 1 order by 2 desc, 1`,
  );
}
