// How far back a plan reads a loop's traffic: two weeks, and where much comes as far as a bounded number of values goes.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { MetricKey } from "../../evidence/metric.ts";
import { answerOutcome } from "./metric-outcomes.ts";

const DAY = 86_400_000;
/** Days that are read, where there are as many; a week would not tell whether those who come back go on coming. */
const LONGEST = 14;
/** Where more values than this came, the newest are read: they say enough, and reading must not take long. */
const MOST_VALUES = 50_000;
/** A loop that began just now is not taken for busier than it is. */
export const SHORTEST = 1 / 24;

/** Whose values are looked for, until when, and how many of them are read at most. */
interface Reading {
  loop: string;
  metric: MetricKey;
  asOf: Date;
  most: number;
}

/** Days back from `asOf` that hold about `most` values of the metric; whole days where there are two or more. */
export async function daysToRead(
  tx: Transaction,
  { most = MOST_VALUES, ...wanted }: Omit<Reading, "most"> & { most?: number },
): Promise<number> {
  const reading = { most, ...wanted };
  const days = await (reading.metric === "approval" ? daysOfThumbs(tx, reading) : daysOfValues(tx, reading));
  return Math.min(LONGEST, Math.max(SHORTEST, days < 2 ? days : Math.floor(days)));
}

/** By the sums of each day (UTC). */
async function daysOfThumbs(tx: Transaction, { loop, asOf, most }: Reading): Promise<number> {
  const full = await tx.maybe(
    z.object({ day: z.string(), thumbs: z.number(), later: z.number() }),
    sql`
    select day, thumbs, later
    from (select day, sum(up + down)::bigint as thumbs, (sum(sum(up + down)) over (order by day desc) - sum(up + down))::bigint as later
          from feedback_rollup
          where loop = ${loop} and day > (${asOf}::timestamptz at time zone 'UTC')::date - ${LONGEST + 1}::integer
            and day <= (${asOf}::timestamptz at time zone 'UTC')::date
          group by day) as sums
    where later + thumbs > ${most} order by day desc limit 1`,
  );
  if (full === null) return LONGEST;
  const begins = Date.parse(full.day);
  const lasts = Math.min(DAY, asOf.getTime() - begins);
  return (asOf.getTime() - begins - lasts * (1 - (most - full.later) / full.thumbs)) / DAY;
}

/** Back to the first answer too many: of other metrics no sums of days are kept. */
async function daysOfValues(tx: Transaction, { loop, metric, asOf, most }: Reading): Promise<number> {
  const earliest = new Date(asOf.getTime() - LONGEST * DAY);
  const outcome = answerOutcome(metric, 0); // above which latency it is slow changes nothing in how many there are
  const oneTooMany =
    outcome !== null
      ? sql`
        select at from interaction
        where loop = ${loop} and at >= ${earliest} and at < ${asOf} and (${outcome}) is not null
        order by at desc offset ${most} limit 1`
      : sql`
        select interaction.at
        from (select interaction_id from rating
              where loop = ${loop} and interaction_id >= uuid_floor(${earliest}) and name = ${nameOf(metric)} and counted
              order by interaction_id desc offset ${most} limit 1) as oldest
          join interaction on interaction.id = oldest.interaction_id`;
  const found = await tx.maybe(z.object({ at: z.date() }), oneTooMany);
  return found === null ? LONGEST : (asOf.getTime() - found.at.getTime()) / DAY;
}

/** Under which name the feedback comes that a metric is made of. */
export function nameOf(metric: MetricKey): string {
  return metric === "approval" ? "thumb" : metric.replace(/^feedback:/, "");
}
