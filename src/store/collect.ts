// Collecting: a pulse gives its number to every row that is new to it, and that number is the watermark. Ids and times
// commit out of order, so neither could say "everything up to here". Rows may be millions, so they are stamped in parts, a
// transaction each, and the loop's lock is held only while the number is given out. What must stay true:
// 1. At most one pulse of a loop is being collected, and it has the highest number: nobody is given a number before it is
//    collected (index one_pulse_collects_per_loop). Who finds one that another left in the middle ends it first.
// 2. A row is stamped once, in a transaction that holds the row of its pulse and has found it not collected. So what is
//    selected by `pulse <= watermark` never changes once that pulse is collected, whoever, halted in the middle, goes on then.
// 3. A pulse is collected when somebody who began after its number was given out has gone through all unseen rows, by id.
//    So what was visible before it has its number or a lower one. What becomes visible meanwhile has its number or the next.
// 4. A pulse's counts grow with the rows that are stamped, in the same transaction.
// A part may therefore be done again, by anybody, after any death.
import { z } from "zod";
import type { Database, Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { holdLoop } from "./hold-loop.ts";

const collected = z.object({ number: z.number(), interactions: z.number(), feedback: z.number() });
/** A pulse's number, and how many rows bear it. */
export type Collected = z.output<typeof collected>;

/** How many rows of a table one transaction stamps: about a second's work. */
const PART = 20_000;
const FIRST = "00000000-0000-0000-0000-000000000000";
const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * The pulse of an instant: numbers it, and stamps what is new. The same instant again is the same pulse. `between` is told
 * before each part how far it is; what it throws ends the collecting there, and whoever collects next goes on.
 */
export async function collect(
  db: Database,
  loop: string,
  asOf: Date,
  { part = PART, between = () => {} }: { part?: number; between?: (soFar: Collected) => void } = {},
): Promise<Collected> {
  for (;;) {
    const pulse = await db.withLoop(loop, (tx) => openPulse(tx, loop, asOf));
    let soFar: Collected = pulse;
    for (let after: Stamped | null = { interaction: FIRST, feedback: FIRST }; after !== null; ) {
      between(soFar);
      const from: Stamped = after;
      ({ soFar, after } = await db.withLoop(loop, (tx) => collectPart(tx, loop, pulse.number, from, part)));
    }
    if (pulse.as_of.getTime() === asOf.getTime()) return soFar;
  }
}

/** The pulse to collect now: that of this instant, unless another one is being collected. */
async function openPulse(tx: Transaction, loop: string, asOf: Date): Promise<Collected & { as_of: Date }> {
  await holdLoop(tx, loop);
  const found = await tx.maybe(
    collected.extend({ as_of: z.date() }),
    sql`select number, interactions, feedback, as_of from pulse where loop = ${loop} and (not collected or as_of = ${asOf})
        order by as_of = ${asOf} desc limit 1`,
  );
  if (found !== null) return found;
  await tx.run(sql`select ensure_partitions(${asOf}, 2)`);
  const { number } = await tx.one(
    z.object({ number: z.number() }),
    sql`update loop set pulse_number = pulse_number + 1 where name = ${loop} returning pulse_number as number`,
  );
  await tx.run(sql`
    insert into pulse (loop, number, as_of, interactions, feedback, collected) values (${loop}, ${number}, ${asOf}, 0, 0, false)`);
  return { number, interactions: 0, feedback: 0, as_of: asOf };
}

/** Up to which id each table is stamped. */
interface Stamped {
  interaction: string;
  feedback: string;
}

/** Stamps the next part. `after` is null when the pulse is collected, by this or by somebody else. */
async function collectPart(
  tx: Transaction,
  loop: string,
  number: number,
  after: Stamped,
  part: number,
): Promise<{ soFar: Collected; after: Stamped | null }> {
  // Whoever is at the same pulse waits here, and then finds the part done.
  const { collected: isDone, ...before } = await tx.one(
    collected.extend({ collected: z.boolean() }),
    sql`select number, interactions, feedback, collected from pulse where loop = ${loop} and number = ${number} for no key update`,
  );
  if (isDone) return { soFar: before, after: null };
  const interaction = await stampInteractions(tx, loop, number, after.interaction, part);
  const feedback = await stampFeedback(tx, loop, number, after.feedback, part);
  const isLast = interaction.upTo === LAST && feedback.upTo === LAST;
  const soFar = await tx.one(
    collected,
    sql`update pulse set interactions = interactions + ${interaction.rows}, feedback = feedback + ${feedback.rows}, collected = ${isLast}
        where loop = ${loop} and number = ${number} returning number, interactions, feedback`,
  );
  return { soFar, after: isLast ? null : { interaction: interaction.upTo, feedback: feedback.upTo } };
}

const border = z.object({ id: z.string() });

async function stampInteractions(tx: Transaction, loop: string, number: number, after: string, part: number) {
  const last = await tx.maybe(
    border,
    sql`select id from interaction where loop = ${loop} and pulse is null and id > ${after}::uuid order by id offset ${part - 1}::bigint limit 1`,
  );
  const upTo = last?.id ?? LAST;
  const rows = await tx.run(
    sql`update interaction set pulse = ${number} where loop = ${loop} and pulse is null and id > ${after}::uuid and id <= ${upTo}::uuid`,
  );
  return { rows, upTo };
}

async function stampFeedback(tx: Transaction, loop: string, number: number, after: string, part: number) {
  const last = await tx.maybe(
    border,
    sql`select id from feedback where loop = ${loop} and pulse is null and id > ${after}::uuid order by id offset ${part - 1}::bigint limit 1`,
  );
  const upTo = last?.id ?? LAST;
  const rows = await tx.run(
    sql`update feedback set pulse = ${number} where loop = ${loop} and pulse is null and id > ${after}::uuid and id <= ${upTo}::uuid`,
  );
  return { rows, upTo };
}
