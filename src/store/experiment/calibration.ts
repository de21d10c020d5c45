// How a loop's A/A experiments ended, and which checks raised an alarm in them. Reads each look's checks once.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { AaCounts } from "../../evidence/calibration.ts";
import type { Minimum } from "../../evidence/minimum.ts";

/** The counts of those that are over, by the verdict that ended them; the minimum is what a promotion needs of the challenger. */
export async function aaCounts(tx: Transaction, loop: string, { users, ratings }: Minimum): Promise<AaCounts> {
  const { out_of_time, cut_short, ...same } = await tx.one(
    z.object({
      ended: z.number(),
      decided: z.number(),
      promoted: z.number(),
      asked: z.number(),
      harmful: z.number(),
      guardrail: z.number(),
      futile: z.number(),
      out_of_time: z.number(),
      cut_short: z.number(),
    }),
    sql`
    with over as (
      select experiment.verdict ->> 'kind' = 'promote' as promoted, (experiment.verdict ->> 'asks')::boolean as asks,
        coalesce(experiment.verdict ->> 'because', '') as because, outcome in ('inconclusive', 'harmful', 'futile') as judged,
        extract(epoch from closed_at - started_at) * 1000 >= (parameters ->> 'minDuration')::numeric
          and (last.numbers #>> '{users,challenger}')::numeric >= ${users}
          and (last.numbers #>> '{ratings,challenger}')::numeric >= ${ratings} as could_promote
      from experiment left join lateral (
        select verdict -> 'numbers' as numbers from look where experiment_id = experiment.id order by number desc limit 1
      ) as last on true
      where loop = ${loop} and status = 'closed' and parameters -> 'aa' = 'true'::jsonb
    )
    select count(*) as ended,
      count(*) filter (where could_promote or judged and promoted) as decided,
      count(*) filter (where judged and promoted) as promoted,
      count(*) filter (where judged and promoted and asks) as asked,
      count(*) filter (where judged and because = 'harm') as harmful,
      count(*) filter (where judged and because = 'guardrail') as guardrail,
      count(*) filter (where judged and because = 'futile') as futile,
      count(*) filter (where judged and because = 'out_of_time') as out_of_time,
      count(*) filter (where not judged) as cut_short
    from over`,
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
