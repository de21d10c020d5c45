// What system prompts and provider's models each variant has met, at the beginning and of late. Read from the interactions
// themselves, so that nothing has to be kept: what is erased is gone from here too.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";

/** All values of one thing on one side, the most frequent first; beyond MOST_VALUES they are one, called "other". */
export interface SeenValues {
  what: "system prompt" | "model";
  variant: "champion" | "challenger";
  /** `value`: a digest of the system prompt ("" where there is none), or the provider's own name of the model. In how many interactions of either part. */
  seen: { value: string; first: number; latest: number }[];
}

/**
 * How many interactions of a side a part has at most, and of how many of the loop's they are picked: a look takes no longer in a long
 * experiment, and a beginning that is over grows no further, into what came after a change.
 */
const MOST_OF_A_PART = 1_000;
const MOST_READ = 50_000;
const MOST_VALUES = 40;

/**
 * The parts are the first and the latest of each side's counted interactions: half of them each, 1,000 at most, so that they do not
 * overlap. Which model answered is not said by an answer with an error: another may have answered instead.
 */
export async function readChanges(tx: Transaction, experimentId: string): Promise<SeenValues[]> {
  const { loop, started_at } = await tx.one(
    z.object({ loop: z.string(), started_at: z.date() }),
    sql`select loop, started_at from experiment where id = ${experimentId}`,
  );
  const said = sql`
    select at, id, experiment_id, phase, variant, system_prompt_hash, provider_model, error from interaction
    where loop = ${loop} and at >= ${started_at}`;
  const rows = await tx.rows(
    row,
    sql`
    with side as (
      select variant, least(${MOST_OF_A_PART}, div(sum(sum_k), 2)) as part from variant_tally
      where experiment_id = ${experimentId} and phase = 'experiment' and metric = 'rated' and variant in ('champion', 'challenger') group by variant
    ), early as materialized (${said} order by at, id limit ${MOST_READ}
    ), late as materialized (${said} order by at desc, id desc limit ${MOST_READ}
    ), first as (
      select met.* from side cross join lateral (
        select * from early where experiment_id = ${experimentId} and phase = 'experiment' and variant = side.variant order by at, id limit part
      ) as met
    ), latest as (
      select met.* from side cross join lateral (
        select * from late where experiment_id = ${experimentId} and phase = 'experiment' and variant = side.variant order by at desc, id desc limit part
      ) as met
    ), seen as (
      select what, variant, value, count(*) filter (where part = 'first') as first, count(*) filter (where part = 'latest') as latest,
        least(row_number() over (partition by what, variant order by count(*) desc, value collate "C"), ${MOST_VALUES + 1}) as place
      from (select 'first' as part, first.* from first union all select 'latest', latest.* from latest) as met
      cross join lateral (values ('system prompt', coalesce(system_prompt_hash, '')), ('model', case when error is null then provider_model end))
        as thing (what, value)
      where value is not null group by what, variant, value
    )
    select what, variant, case when place > ${MOST_VALUES} then 'other' else min(value) end as value, sum(first) as first, sum(latest) as latest
    from seen group by what, variant, place order by what, variant, place`,
  );
  return rows.reduce<SeenValues[]>((things, { what, variant, ...value }) => {
    const thing = things.find((other) => other.what === what && other.variant === variant);
    if (thing === undefined) things.push({ what, variant, seen: [value] });
    else thing.seen.push(value);
    return things;
  }, []);
}

const row = z.object({
  what: z.enum(["system prompt", "model"]),
  variant: z.enum(["champion", "challenger"]),
  value: z.string(),
  first: z.coerce.number(),
  latest: z.coerce.number(),
});
