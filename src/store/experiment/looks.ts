// Looks: every reading of the evidence is kept, for the chart and for the audit.
import { z } from "zod";
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";

const row = z.object({
  number: z.number(),
  phase: z.enum(["experiment", "probation"]),
  at: z.date(),
  tallies: z.unknown(),
  verdict: z.looseObject({
    kind: z.string(),
    reason: z.string(),
    numbers: z.unknown().optional(), // the forecast, too
    // A look from before there were checks has none.
    checks: z
      .array(z.looseObject({ name: z.string(), passed: z.boolean(), acts: z.string(), words: z.string() }))
      .exactOptional(),
  }),
  ramp: z.object({ kind: z.enum(["open", "wait"]), phase: z.number(), words: z.string() }).nullable(),
});
export type Look = z.output<typeof row>;

/** Keeps a look. False when one of that number is on record already: then nothing changes. */
export async function addLook(
  tx: Transaction,
  loop: string,
  experimentId: string,
  look: {
    number: number;
    phase: "experiment" | "probation";
    at: Date;
    tallies: unknown;
    verdict: unknown;
    ramp?: unknown;
  },
): Promise<boolean> {
  const added = await tx.run(sql`
    insert into look (experiment_id, loop, number, phase, at, tallies, verdict, ramp)
    values (${experimentId}, ${loop}, ${look.number}, ${look.phase}, ${look.at}, ${JSON.stringify(look.tallies)}, ${JSON.stringify(look.verdict)}, ${look.ramp == null ? null : JSON.stringify(look.ramp)})
    on conflict (experiment_id, number) do nothing`);
  return added > 0;
}

/** Looks of an experiment, the oldest first. */
export function listLooks(tx: Transaction, experimentId: string): Promise<Look[]> {
  return tx.rows(
    row,
    sql`select number, phase, at, tallies, verdict, ramp from look where experiment_id = ${experimentId} order by number`,
  );
}

export function lastLook(tx: Transaction, experimentId: string): Promise<Look | null> {
  return tx.maybe(
    row,
    sql`select number, phase, at, tallies, verdict, ramp from look where experiment_id = ${experimentId} order by number desc limit 1`,
  );
}

/** Since which of its latest looks a check stood in the way of a promotion at each (`inTheWay`); null when none did at the last. */
export async function readInTheWaySince(tx: Transaction, experimentId: string): Promise<Date | null> {
  const { since } = await tx.one(
    z.object({ since: z.date().nullable() }),
    sql`
    select min(at) as since from look where experiment_id = ${experimentId} and number > (
      select coalesce(max(number), 0) from look as free where experiment_id = ${experimentId} and not exists (
        select from jsonb_array_elements(free.verdict -> 'checks') as found
        where found ->> 'passed' = 'false' and found ->> 'acts' <> 'asks'))`,
  );
  return since;
}
