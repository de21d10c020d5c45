// Read model: a loop's recent thumbs, or values of another metric, as an experiment of all its users would have counted them. Reads a
// bounded window once.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { type Sql, sql } from "../../db/sql.ts";
import { RATINGS_PER_UNIT } from "../../domain/experiment.ts";
import type { MetricKey } from "../../evidence/metric.ts";
import type { Traffic } from "../../evidence/outlook.ts";
import type { Tally } from "../../evidence/tally.ts";
import { answerOutcome, namedOutcome, thumbOutcome } from "./metric-outcomes.ts";
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
  elsewhere: z.number(),
  variance: z.coerce.number().nullable(),
  binary: z.boolean().nullable(),
});
type Step = z.output<typeof step>;

/**
 * The traffic up to `asOf`, by when the answers were given, of a metric: `approval`, `quality`, `feedback:<name>`, and of guardrails
 * `error`, `slow` (above so many microseconds) and `cost`. It goes back to the loop's first answer, at most 14 days. Values count as in the tallies: on answers to a unit, of
 * ratings the first ten of each. No value gives noughts and no growth.
 */
export async function readTraffic(
  tx: Transaction,
  loop: string,
  asOf: Date,
  metric: MetricKey = "approval",
  slowAbove: number | null = null,
): Promise<Traffic> {
  const outcome = answerOutcome(metric, slowAbove);
  const longest = await daysToRead(tx, { loop, metric, asOf });
  const earliest = new Date(asOf.getTime() - longest * DAY);
  const { first, interactions } = await tx.one(
    z.object({ first: z.date().nullable(), interactions: z.number() }),
    sql`
    select (select min(at) from interaction where loop = ${loop} and at < ${asOf}) as first, count(*) as interactions
    from interaction where loop = ${loop} and at >= ${earliest} and at < ${asOf} and id >= uuid_floor(${earliest})`,
  );
  const days = Math.min(longest, Math.max(SHORTEST, (asOf.getTime() - (first ?? earliest).getTime()) / DAY));
  const steps = await readSteps(tx, loop, { metric, outcome, from: new Date(asOf.getTime() - days * DAY), asOf });
  const { ratings, anonymous, user_days: userDays, ...whole } = steps.at(-1)!;
  const growth = steps.map((so_far, index) => ({ days: ((index + 1) / STEPS) * days, tally: tallyAfter(so_far) }));
  return {
    days,
    interactions,
    ratings,
    anonymous,
    userDays,
    growth: ratings === 0 ? [] : growth,
    ...(metric === "approval" ? { elsewhere: whole.elsewhere } : likeness(whole)),
  };
}

function tallyAfter({ users, sum_y, sum_k, sum_yy, sum_yk, sum_kk }: Step): Tally {
  return { users, sumY: sum_y, sumK: sum_k, sumYY: sum_yy, sumYK: sum_yk, sumKK: sum_kk };
}

/** What the values are like that count, when there are any. */
function likeness({ elsewhere, variance, binary }: Pick<Step, "elsewhere" | "variance" | "binary">): Partial<Traffic> {
  return variance === null || binary === null ? {} : { elsewhere, values: { variance, binary } };
}

/** What there is after each step of the window, the earliest first; one row a step. How far all values lie apart stands on each. */
function readSteps(
  tx: Transaction,
  loop: string,
  { metric, outcome, from, asOf }: { metric: MetricKey; outcome: Sql | null; from: Date; asOf: Date },
) {
  const most = outcome === null ? RATINGS_PER_UNIT : null;
  return tx.rows(
    step,
    sql`
    with value as (
      select said.*, extract(epoch from said.at - ${from}::timestamptz) as since,
             extract(epoch from ${asOf}::timestamptz - ${from}::timestamptz) as whole
      from (${valuesOf(metric, outcome, loop, from)}) as said where said.at >= ${from} and said.at < ${asOf}
    ), placed as (
      select *, least(floor(since / whole * ${STEPS}::integer)::integer, ${STEPS}::integer - 1) as step, floor(since / 86400) as day,
             row_number() over (partition by unit order by interaction_id, rater collate "C") as place
      from value
    ), arrived as (
      select step, count(unit) as ratings, count(*) - count(unit) as anonymous, count(unit) filter (where model_id is null) as elsewhere
      from placed group by step
    ), seen as (
      select step, count(*) as user_days
      from (select min(step) as step from placed where unit is not null group by unit, day) as once group by step
    ), first as (
      select unit, step, y from placed where unit is not null and place <= coalesce(${most}::integer, place)
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
    select coalesce(sum(ratings) over so_far, 0)::bigint as ratings, coalesce(sum(anonymous) over so_far, 0)::bigint as anonymous,
           coalesce(sum(elsewhere) over so_far, 0)::bigint as elsewhere, coalesce(sum(user_days) over so_far, 0)::bigint as user_days,
           coalesce(sum(users) over so_far, 0)::bigint as users,
           coalesce(sum(sum_y) over so_far, 0) as sum_y, coalesce(sum(sum_k) over so_far, 0) as sum_k,
           coalesce(sum(sum_yy) over so_far, 0) as sum_yy, coalesce(sum(sum_yk) over so_far, 0) as sum_yk,
           coalesce(sum(sum_kk) over so_far, 0) as sum_kk, variance, "binary"
    from generate_series(0, ${STEPS}::integer - 1) as each (step) cross join spread
      left join arrived using (step) left join seen using (step) left join counted using (step)
    window so_far as (order by step) order by step`,
  );
}

/** The metric's values as an experiment would tally them, to the millionth, on answers that arrived from an instant on. */
function valuesOf(metric: MetricKey, outcome: Sql | null, loop: string, from: Date): Sql {
  if (outcome !== null)
    return sql`
      select interaction.unit, interaction.model_id, interaction.id as interaction_id, '' as rater, round(${outcome}, 6) as y, interaction.at
      from interaction
      where interaction.loop = ${loop} and interaction.id >= uuid_floor(${from}) and (${outcome}) is not null`;
  return sql`
      select interaction.unit, interaction.model_id, rating.interaction_id, rating.rater, round(outcome.y, 6) as y, interaction.at
      from rating join interaction on interaction.id = rating.interaction_id and interaction.loop = rating.loop
        ${metric === "approval" ? thumbOutcome : namedOutcome}
      where rating.loop = ${loop} and rating.interaction_id >= uuid_floor(${from}) and interaction.id >= uuid_floor(${from})
        and rating.name = ${nameOf(metric)} and outcome.y is not null`;
}
