// Read model: a loop's recent thumbs as an experiment of all its users would have counted them. Reads a bounded window once.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import { RATINGS_PER_UNIT } from "../../domain/experiment.ts";
import type { Traffic } from "../../evidence/outlook.ts";

const DAY = 86_400_000;
/** Days that are read, where there are as many; a week would not tell whether those who come back go on coming. */
const LONGEST = 14;
/** Where more thumbs than this came, the newest are read: they say enough, and reading must not take long. */
const MOST_THUMBS = 50_000;
/** A loop that began just now is not taken for busier than it is. */
const SHORTEST = 1 / 24;
/** The growth is measured at so many instants, evenly apart. */
const STEPS = 14;

const step = z.object({
  ratings: z.number(),
  anonymous: z.number(),
  user_days: z.number(),
  users: z.number(),
  sum_y: z.number(),
  sum_k: z.number(),
  sum_yy: z.number(),
  sum_yk: z.number(),
  sum_kk: z.number(),
});

/**
 * The traffic up to `asOf`, by when the answers were given. It goes back to the loop's first answer, at most 14 days. Thumbs count
 * as in the tallies: on answers to a unit, the first ten of each. Nothing rated gives noughts and no growth.
 */
export async function readTraffic(tx: Transaction, loop: string, asOf: Date): Promise<Traffic> {
  const longest = await daysToRead(tx, loop, asOf);
  const earliest = new Date(asOf.getTime() - longest * DAY);
  const { first, interactions } = await tx.one(
    z.object({ first: z.date().nullable(), interactions: z.number() }),
    sql`
    select (select min(at) from interaction where loop = ${loop} and at < ${asOf}) as first, count(*) as interactions
    from interaction where loop = ${loop} and at >= ${earliest} and at < ${asOf} and id >= uuid_floor(${earliest})`,
  );
  const days = Math.min(longest, Math.max(SHORTEST, (asOf.getTime() - (first ?? earliest).getTime()) / DAY));
  const steps = await readSteps(tx, loop, new Date(asOf.getTime() - days * DAY), asOf);
  const all = (name: keyof z.output<typeof step>) => steps.reduce((sum, each) => sum + each[name], 0);
  const ratings = all("ratings");
  return {
    days,
    interactions,
    ratings,
    anonymous: all("anonymous"),
    userDays: all("user_days"),
    growth: ratings === 0 ? [] : cumulated(steps, days),
  };
}

/** What each step of the window adds, the earliest first; one row a step. */
function readSteps(tx: Transaction, loop: string, from: Date, asOf: Date) {
  return tx.rows(
    step,
    sql`
    with thumb as (
      select interaction.unit, rating.interaction_id, rating.rater, rating.value > '0' as approved,
             extract(epoch from interaction.at - ${from}::timestamptz) as since,
             extract(epoch from ${asOf}::timestamptz - ${from}::timestamptz) as whole
      from rating join interaction on interaction.id = rating.interaction_id and interaction.loop = rating.loop
      where rating.loop = ${loop} and rating.interaction_id >= uuid_floor(${from}) and interaction.id >= uuid_floor(${from})
        and rating.name = 'thumb' and jsonb_typeof(rating.value) = 'number' and rating.value <> '0'
        and interaction.at >= ${from} and interaction.at < ${asOf}
    ), placed as (
      select *, least(floor(since / whole * ${STEPS}::integer)::integer, ${STEPS}::integer - 1) as step, floor(since / 86400) as day,
             row_number() over (partition by unit order by interaction_id, rater collate "C") as place
      from thumb
    ), arrived as (
      select step, count(unit) as ratings, count(*) - count(unit) as anonymous from placed group by step
    ), seen as (
      select step, count(*) as user_days
      from (select min(step) as step from placed where unit is not null group by unit, day) as once group by step
    ), added as (
      select unit, step, count(*) filter (where approved) as y, count(*) as k
      from placed where unit is not null and place <= ${RATINGS_PER_UNIT} group by unit, step
    ), run as (
      select step, y, k, sum(y) over so_far as y_after, sum(k) over so_far as k_after
      from added window so_far as (partition by unit order by step)
    ), counted as (
      select step, count(*) filter (where k_after = k) as users, sum(y) as sum_y, sum(k) as sum_k,
             sum(y_after ^ 2 - (y_after - y) ^ 2) as sum_yy,
             sum(y_after * k_after - (y_after - y) * (k_after - k)) as sum_yk,
             sum(k_after ^ 2 - (k_after - k) ^ 2) as sum_kk
      from run group by step
    )
    select coalesce(ratings, 0) as ratings, coalesce(anonymous, 0) as anonymous, coalesce(user_days, 0) as user_days,
           coalesce(users, 0) as users, coalesce(sum_y, 0)::bigint as sum_y, coalesce(sum_k, 0)::bigint as sum_k,
           coalesce(sum_yy, 0)::bigint as sum_yy, coalesce(sum_yk, 0)::bigint as sum_yk, coalesce(sum_kk, 0)::bigint as sum_kk
    from generate_series(0, ${STEPS}::integer - 1) as each (step)
      left join arrived using (step) left join seen using (step) left join counted using (step)
    order by step`,
  );
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

/** Days back from `asOf` that hold about MOST_THUMBS, by the sums of each day (UTC); whole days where there are two or more. */
async function daysToRead(tx: Transaction, loop: string, asOf: Date): Promise<number> {
  const full = await tx.maybe(
    z.object({ day: z.string(), thumbs: z.number(), later: z.number() }),
    sql`
    select day, thumbs, later
    from (select day, sum(up + down)::bigint as thumbs, (sum(sum(up + down)) over (order by day desc) - sum(up + down))::bigint as later
          from feedback_rollup
          where loop = ${loop} and day > (${asOf}::timestamptz at time zone 'UTC')::date - ${LONGEST + 1}::integer
            and day <= (${asOf}::timestamptz at time zone 'UTC')::date
          group by day) as sums
    where later + thumbs > ${MOST_THUMBS} order by day desc limit 1`,
  );
  if (full === null) return LONGEST;
  const begins = Date.parse(full.day);
  const lasts = Math.min(DAY, asOf.getTime() - begins);
  const days = (asOf.getTime() - begins - lasts * (1 - (MOST_THUMBS - full.later) / full.thumbs)) / DAY;
  return Math.min(LONGEST, Math.max(SHORTEST, days < 2 ? days : Math.floor(days)));
}
