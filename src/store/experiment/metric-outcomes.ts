// What an interaction and a rating say of each metric: one place, so that counting as they arrive and counting afresh agree.
import { type Sql, sql } from "../../db/sql.ts";
import type { MetricKey } from "../../evidence/metric.ts";

const quality = sql`interaction.quality::numeric`;
const failed = sql`(interaction.error is not null)::int::numeric`;
const cost = sql`interaction.cost_micros::numeric`;
const slow = (above: Sql): Sql =>
  sql`case when interaction.error is null then (interaction.latency_us > ${above})::int::numeric end`;

/** What an interaction by itself says of `quality`, `error`, `slow` or `cost`, as of the latency above which an answer is slow. */
export function answerOutcome(metric: MetricKey, slowAbove: number | null): Sql | null {
  if (metric === "quality") return quality;
  if (metric === "error") return failed;
  if (metric === "cost") return cost;
  return metric === "slow" ? slow(sql`${slowAbove}::numeric`) : null;
}

/**
 * Follows `interaction join experiment`: a row for each metric that the interaction says something of, `y` being null where
 * it says nothing. Every interaction is exposure (`rated`, whose thumbs come with the ratings) and failed or not; an answer
 * with an error is neither quick nor slow.
 */
export const interactionOutcomes: Sql = sql`
  cross join lateral (values
    ('rated', 0::numeric),
    ('error', ${failed}),
    ('slow', ${slow(sql`(experiment.parameters ->> 'slowAbove')::numeric`)}),
    ('cost', ${cost}),
    ('quality', ${quality})) as outcome (metric, y)`;

/** Whether the experiment's frozen parameters name this feedback as a metric. Those of older experiments name none. */
export const feedbackIsMetric = (name: Sql): Sql =>
  sql`experiment.parameters -> 'metrics' @> jsonb_build_array(jsonb_build_object('name', ${name}))`;

const said = sql`
  cross join lateral (select case when jsonb_typeof(rating.value) = 'number' then (rating.value #>> '{}')::numeric end) as said (number)`;
const thumb = sql`case when said.number <> 0 then (said.number > 0)::int::numeric end`;
/** A number beyond a thousand million says nothing: a mean that it came into would be all about it. */
const named = sql`case when abs(said.number) <= 1e9 then said.number end`;

/** The same for `rating join experiment`: the thumb, in all and for its action type, or the number of a named metric. */
export const ratingOutcomes: Sql = sql`${said}
  cross join lateral (select case when rating.name = 'thumb' then ${thumb} end) as thumb (y)
  cross join lateral (values
    ('approval', thumb.y),
    ('approval/' || rating.action_type, thumb.y),
    ('feedback:' || rating.name, case when rating.name <> 'thumb' and ${feedbackIsMetric(sql`rating.name`)} then ${named} end)
  ) as outcome (metric, y)`;

/** Follows `rating`, where all ratings are thumbs: what each says of approval. */
export const thumbOutcome: Sql = sql`${said} cross join lateral (select ${thumb}) as outcome (y)`;

/** The same where all are of one named metric. */
export const namedOutcome: Sql = sql`${said} cross join lateral (select ${named}) as outcome (y)`;
