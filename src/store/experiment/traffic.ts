// Read model: a loop's recent thumbs, or values of another metric, as an experiment of all its users would have counted them. Reads a
// bounded window once.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { type Sql, sql } from "../../db/sql.ts";
import { APPROVAL, type MetricKey, mostPerUnit } from "../../evidence/metric.ts";
import type { Traffic } from "../../evidence/outlook.ts";
import { interactionOutcomes, ratingOutcomes } from "./metric-outcomes.ts";
import { daysToRead, nameOf, SHORTEST } from "./traffic-window.ts";

const DAY = 86_400_000;
/** The growth is measured at so many instants, evenly apart. */
const STEPS = 14;

const step = z.object({
  ratings: z.number(),
  anonymous: z.number(),
  user_days: z.number(),
  users: z.number(),
  sum_y: z.coerce.number(),
  sum_k: z.coerce.number(),
  sum_yy: z.coerce.number(),
  sum_yk: z.coerce.number(),
  sum_kk: z.coerce.number(),
  variance: z.coerce.number().nullable(),
  binary: z.boolean().nullable(),
});

/**
 * The traffic up to `asOf`, by when the answers were given, of a metric that the rule may go by: `approval`, `quality` or
 * `feedback:<name>`. It goes back to the loop's first answer, at most 14 days. Values count as in the tallies: on answers to a unit, of
 * ratings the first ten of each. No value gives noughts and no growth.
 */
export async function readTraffic(
  tx: Transaction,
  loop: string,
  asOf: Date,
  metric: MetricKey = APPROVAL.key,
): Promise<Traffic> {
  const longest = await daysToRead(tx, loop, metric, asOf);
  const earliest = new Date(asOf.getTime() - longest * DAY);
  const { first, interactions } = await tx.one(
    z.object({ first: z.date().nullable(), interactions: z.number() }),
    sql`
    select (select min(at) from interaction where loop = ${loop} and at < ${asOf}) as first, count(*) as interactions
    from interaction where loop = ${loop} and at >= ${earliest} and at < ${asOf} and id >= uuid_floor(${earliest})`,
  );
  const days = Math.min(longest, Math.max(SHORTEST, (asOf.getTime() - (first ?? earliest).getTime()) / DAY));
  const steps = await readSteps(tx, loop, { metric, from: new Date(asOf.getTime() - days * DAY), asOf });
  const all = (name: "ratings" | "anonymous" | "user_days") => steps.reduce((sum, each) => sum + each[name], 0);
  const { variance, binary } = steps[0]!;
  const ratings = all("ratings");
  return {
    days,
    interactions,
    ratings,
    anonymous: all("anonymous"),
    userDays: all("user_days"),
    growth: ratings === 0 ? [] : cumulated(steps, days),
    ...(metric === APPROVAL.key || variance === null || binary === null ? {} : { values: { variance, binary } }),
  };
}

/** What each step of the window adds, the earliest first; one row a step. All values' spread stands on each. */
function readSteps(
  tx: Transaction,
  loop: string,
  { metric, from, asOf }: { metric: MetricKey; from: Date; asOf: Date },
) {
  const most = mostPerUnit(metric);
  return tx.rows(
    step,
    sql`
    with value as (
      select said.*, extract(epoch from said.at - ${from}::timestamptz) as since,
             extract(epoch from ${asOf}::timestamptz - ${from}::timestamptz) as whole
      from (${valuesOf(metric, loop, from)}) as said where said.at >= ${from} and said.at < ${asOf}
    ), placed as (
      select *, least(floor(since / whole * ${STEPS}::integer)::integer, ${STEPS}::integer - 1) as step, floor(since / 86400) as day,
             row_number() over (partition by unit order by interaction_id, rater collate "C") as place
      from value
    ), arrived as (
      select step, count(unit) as ratings, count(*) - count(unit) as anonymous from placed group by step
    ), seen as (
      select step, count(*) as user_days
      from (select min(step) as step from placed where unit is not null group by unit, day) as once group by step
    ), first as (
      select unit, step, y from placed where unit is not null and place <= coalesce(${Number.isFinite(most) ? most : null}::integer, place)
    ), spread as (
      select var_pop(y) as variance, bool_and(y in (0, 1)) as "binary" from first
    ), added as (
      select unit, step, sum(y) as y, count(*) as k from first group by unit, step
    ), run as (
      select step, y, k, sum(y) over so_far as y_after, sum(k) over so_far as k_after
      from added window so_far as (partition by unit order by step)
    ), counted as (
      select step, count(*) filter (where k_after = k) as users, sum(y) as sum_y, sum(k) as sum_k,
             sum(y_after * y_after - (y_after - y) * (y_after - y)) as sum_yy,
             sum(y_after * k_after - (y_after - y) * (k_after - k)) as sum_yk,
             sum(k_after * k_after - (k_after - k) * (k_after - k)) as sum_kk
      from run group by step
    )
    select coalesce(ratings, 0) as ratings, coalesce(anonymous, 0) as anonymous, coalesce(user_days, 0) as user_days,
           coalesce(users, 0) as users, coalesce(sum_y, 0) as sum_y, coalesce(sum_k, 0) as sum_k,
           coalesce(sum_yy, 0) as sum_yy, coalesce(sum_yk, 0) as sum_yk, coalesce(sum_kk, 0) as sum_kk, variance, "binary"
    from generate_series(0, ${STEPS}::integer - 1) as each (step) cross join spread
      left join arrived using (step) left join seen using (step) left join counted using (step)
    order by step`,
  );
}

/** The metric's values as an experiment would tally them, to the millionth, on answers that arrived from an instant on. */
function valuesOf(metric: MetricKey, loop: string, from: Date): Sql {
  const experiment = sql`cross join (values (${JSON.stringify({ metrics: [{ name: nameOf(metric) }] })}::jsonb)) as experiment (parameters)`;
  return metric === "quality"
    ? sql`
      select interaction.unit, interaction.id as interaction_id, '' as rater, round(outcome.y, 6) as y, interaction.at
      from interaction ${experiment} ${interactionOutcomes}
      where interaction.loop = ${loop} and interaction.id >= uuid_floor(${from}) and outcome.metric = ${metric} and outcome.y is not null`
    : sql`
      select interaction.unit, rating.interaction_id, rating.rater, round(outcome.y, 6) as y, interaction.at
      from rating join interaction on interaction.id = rating.interaction_id and interaction.loop = rating.loop ${experiment} ${ratingOutcomes}
      where rating.loop = ${loop} and rating.interaction_id >= uuid_floor(${from}) and interaction.id >= uuid_floor(${from})
        and rating.name = ${nameOf(metric)} and outcome.metric = ${metric} and outcome.y is not null`;
}

function cumulated(steps: readonly z.output<typeof step>[], days: number): Traffic["growth"] {
  const sum = { users: 0, sumY: 0, sumK: 0, sumYY: 0, sumYK: 0, sumKK: 0 };
  return steps.map((added, index) => {
    sum.users += added.users;
    sum.sumY += added.sum_y;
    sum.sumK += added.sum_k;
    sum.sumYY += added.sum_yy;
    sum.sumYK += added.sum_yk;
    sum.sumKK += added.sum_kk;
    return { days: ((index + 1) / STEPS) * days, tally: { ...sum } };
  });
}
