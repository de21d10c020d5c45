// What the champion is like when an experiment begins: the figures that are frozen then, for the challenger to be held to.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { type Sql, sql } from "../../db/sql.ts";

/** Each from the champion's own answers; null where fewer than LEAST of them say anything of it. */
export interface ChampionFigures {
  /** The latency in microseconds that 95 of 100 answers stay at or below. */
  p95LatencyUs: number | null;
  /** In millionths of a dollar. */
  meanCostMicros: number | null;
  /** The share of thumbs up, from 0 to 1. */
  approval: number | null;
  /** The mean, from 0 to 1. */
  quality: number | null;
  /** The answers that were looked at. */
  interactions: number;
}

/** Of how many interactions of the loop, and from how long, the champion's answers are taken: the newest say how it is now. */
const MOST = 10_000;
const WINDOW = 14 * 24 * 3_600_000;

/** Fewer values are no figure to hold anybody to. */
const LEAST = 100;

/**
 * A model's figures from the loop's newest interactions before `asOf`: 10,000 of 14 days at most, so that it takes no longer in a
 * busy loop. An answer that was given with an error on record counts for none: its latency is that of the failure, too.
 */
export function championFigures(tx: Transaction, loop: string, modelId: string, asOf: Date): Promise<ChampionFigures> {
  const figure = z.coerce.number().nullable();
  return tx.one(
    z
      .object({ p95: figure, cost: figure, approval: figure, quality: figure, interactions: z.number() })
      .transform(({ p95, cost, ...same }) => ({ p95LatencyUs: p95, meanCostMicros: cost, ...same })),
    sql`
    with answer as (${answersOf(loop, modelId, asOf)}), thumb as (
      select ((rating.value #>> '{}')::numeric > 0)::int as up
      from answer join rating on rating.loop = ${loop} and rating.interaction_id = answer.id
      where rating.name = 'thumb' and jsonb_typeof(rating.value) = 'number' and rating.value <> '0'
    )
    select count(*) as interactions,
      case when count(latency_us) >= ${LEAST} then percentile_disc(0.95) within group (order by latency_us) end as p95,
      case when count(cost_micros) >= ${LEAST} then avg(cost_micros) end as cost,
      case when count(quality) >= ${LEAST} then avg(quality::numeric) end as quality,
      (select case when count(*) >= ${LEAST} then avg(up) end from thumb) as approval
    from answer`,
  );
}

/** The mean of feedback of a name on a model's answers, of the same ones as its figures; null where fewer than LEAST have it. */
export async function championMean(
  tx: Transaction,
  loop: string,
  { modelId, name, asOf }: { modelId: string; name: string; asOf: Date },
): Promise<number | null> {
  const { mean } = await tx.one(
    z.object({ mean: z.coerce.number().nullable() }),
    sql`
    select case when count(*) >= ${LEAST} then avg((rating.value #>> '{}')::numeric) end as mean
    from (${answersOf(loop, modelId, asOf)}) as answer join rating on rating.loop = ${loop} and rating.interaction_id = answer.id
    where rating.name = ${name} and jsonb_typeof(rating.value) = 'number' and abs((rating.value #>> '{}')::numeric) <= 1e9`, // as tallies count it
  );
  return mean;
}

function answersOf(loop: string, modelId: string, asOf: Date): Sql {
  return sql`
    select id, latency_us, cost_micros, quality from (
      select id, model_id, error, latency_us, cost_micros, quality from interaction
      where loop = ${loop} and at > ${new Date(asOf.getTime() - WINDOW)} and at <= ${asOf} order by at desc limit ${MOST}
    ) as said where model_id = ${modelId} and error is null`;
}
