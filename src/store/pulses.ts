// Pulses: the one under way, and what each found and decided. How a pulse takes in what is new is in collect.ts.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { announce } from "./events.ts";

/** Writes down what a pulse found and decided. */
export async function concludePulse(
  tx: Transaction,
  loop: string,
  number: number,
  result: { analysis: unknown; due: boolean; reason: string; cycleId: string | null },
): Promise<void> {
  await tx.run(sql`
    update pulse set analysis = ${JSON.stringify(result.analysis)}, due = ${result.due}, reason = ${result.reason}, cycle_id = ${result.cycleId}
    where loop = ${loop} and number = ${number}`);
  if (result.cycleId === null) await endPulse(tx, loop);
  await announce(tx, loop, "pulse.done", String(number));
}

const underWay = z.object({ workflow: z.string(), run: z.string(), asOf: z.string() });

/** The pulse that has begun and is not through: by its workflow and run, or null. */
export async function pulseUnderWay(tx: Transaction, loop: string): Promise<z.output<typeof underWay> | null> {
  const { pulse } = await tx.one(
    z.object({ pulse: underWay.nullable() }),
    sql`select pulse_under_way as pulse from loop where name = ${loop}`,
  );
  return pulse;
}

/** A pulse begins. Until it ends, the next one knows that it was not through. */
export async function beginPulse(tx: Transaction, loop: string, pulse: z.output<typeof underWay>): Promise<void> {
  await tx.run(sql`update loop set pulse_under_way = ${JSON.stringify(pulse)} where name = ${loop}`);
}

/** The pulse is through: it found nothing due, or has started the cycle. */
export async function endPulse(tx: Transaction, loop: string): Promise<void> {
  await tx.run(sql`update loop set pulse_under_way = null where name = ${loop}`);
}

const row = z.object({
  number: z.number(),
  as_of: z.date(),
  interactions: z.number(),
  feedback: z.number(),
  analysis: z.unknown(),
  due: z.boolean().nullable(),
  reason: z.string().nullable(),
  cycle_id: z.string().nullable(),
});

/** The last pulse that came to a decision, or null. */
export function lastPulse(tx: Transaction, loop: string) {
  return tx.maybe(
    row,
    sql`
    select number, as_of, interactions, feedback, analysis, due, reason, cycle_id from pulse
    where loop = ${loop} and due is not null order by number desc limit 1`,
  );
}

export function loadPulse(tx: Transaction, loop: string, number: number) {
  return tx.one(
    row,
    sql`
    select number, as_of, interactions, feedback, analysis, due, reason, cycle_id from pulse where loop = ${loop} and number = ${number}`,
  );
}
