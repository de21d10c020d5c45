// Money: reserved before it is spent, against the run's limit and the month's, under the loop's row lock.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { holdLoop } from "./hold-loop.ts";

const MICROS = 1_000_000;

/** Reserves a training run's estimate (USD). Null when it is reserved (also when it was before), else why not. */
export async function reserveBudget(
  tx: Transaction,
  loop: string,
  run: { id: string; estimateUsd: number; at: Date },
  limits: { perRunUsd: number; monthlyUsd: number },
): Promise<string | null> {
  await holdLoop(tx, loop);
  const held = await tx.rows(z.unknown(), sql`select 1 from budget_reservation where training_run_id = ${run.id}`);
  if (held.length > 0) return null;
  if (run.estimateUsd > limits.perRunUsd)
    return `the run would cost about ${usd(run.estimateUsd)}; ${usd(limits.perRunUsd)} is allowed per run (budget.perRunUsd)`;
  const { spent } = await tx.one(
    z.object({ spent: z.number() }),
    sql`
    select coalesce(sum(coalesce(spent_micros, reserved_micros)), 0)::bigint as spent from budget_reservation
    where loop = ${loop} and month = date_trunc('month', ${run.at}::timestamptz at time zone 'UTC')::date`,
  );
  const left = inMicros(limits.monthlyUsd) - spent;
  if (inMicros(run.estimateUsd) > left)
    return `the run would cost about ${usd(run.estimateUsd)}; ${usd(Math.max(0, left / MICROS))} of the month's ${usd(limits.monthlyUsd)} is left (budget.monthlyUsd)`;
  await tx.run(sql`
    insert into budget_reservation (training_run_id, loop, month, reserved_micros, at)
    values (${run.id}, ${loop}, date_trunc('month', ${run.at}::timestamptz at time zone 'UTC')::date, ${inMicros(run.estimateUsd)}, ${run.at})`);
  return null;
}

/** Puts what was really spent in place of what was reserved. */
export async function settleBudget(tx: Transaction, runId: string, spentUsd: number): Promise<void> {
  await tx.run(
    sql`update budget_reservation set spent_micros = ${inMicros(spentUsd)} where training_run_id = ${runId}`,
  );
}

/** Spent or reserved per month, the newest first (USD). */
export function costsByMonth(tx: Transaction, loop: string) {
  return tx.rows(
    z.object({ month: z.string(), runs: z.number(), usd: z.coerce.number() }),
    sql`
    select month, count(*) as runs, sum(coalesce(spent_micros, reserved_micros)) / 1e6 as usd from budget_reservation
    where loop = ${loop} group by month order by month desc`,
  );
}

/** Compared as whole numbers: 0.3 − 0.1 − 0.2 dollars is nothing left, not a little less. */
const inMicros = (amount: number) => Math.round(amount * MICROS);
const usd = (amount: number) => `$${amount.toFixed(2)}`;
