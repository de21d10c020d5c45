// The slot: one cycle or experiment at a time in a loop, held from a cycle's start to the end of probation.

import { z } from "zod";
import { type Transaction, violates } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { instantInWords } from "../domain/duration.ts";
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";

const row = z.object({ cycle_id: z.string().nullable(), experiment_id: z.string().nullable(), taken_at: z.date() });

/** Who holds the slot, as a workflow id, or null. */
export async function slotHolder(tx: Transaction, loop: string): Promise<{ holder: string; since: Date } | null> {
  const held = await tx.maybe(
    row,
    sql`select cycle_id, experiment_id, taken_at from slot where loop = ${loop} and released_at is null`,
  );
  if (held === null) return null;
  const holder = held.experiment_id !== null ? `experiment/${held.experiment_id}` : `cycle/${held.cycle_id}`;
  return { holder, since: held.taken_at };
}

/** Throws a Fault `conflict` that says who holds the slot, when somebody does. */
export async function refuseWhileHeld(tx: Transaction, loop: string): Promise<void> {
  const held = await slotHolder(tx, loop);
  if (held !== null) throw slotTaken(held);
}

/** Takes the slot, or throws a Fault `conflict` that says who holds it. */
export async function takeSlot(
  tx: Transaction,
  loop: string,
  by: { cycleId: string } | { experimentId: string },
  at: Date,
): Promise<void> {
  await refuseWhileHeld(tx, loop);
  try {
    await tx.run(sql`
      insert into slot (id, loop, cycle_id, experiment_id, taken_at)
      values (${newId()}, ${loop}, ${"cycleId" in by ? by.cycleId : null}, ${"experimentId" in by ? by.experimentId : null}, ${at})`);
  } catch (error) {
    if (violates(error, "one_slot_per_loop")) throw slotTaken(null);
    throw error;
  }
}

/** A cycle's slot passes on to its experiment. Throws a Fault `conflict` when the cycle no longer holds it. */
export async function handSlotOn(tx: Transaction, loop: string, cycleId: string, experimentId: string): Promise<void> {
  const handed = await tx.run(
    sql`update slot set experiment_id = ${experimentId} where loop = ${loop} and cycle_id = ${cycleId} and released_at is null`,
  );
  if (handed === 0)
    throw new Fault("conflict", `cycle ${cycleId} is over: it cannot go on to an experiment`, {
      hint: "ratchet cycle show tells how it ended; ratchet experiment start tries its candidate all the same",
    });
}

/** Releases the slot if this cycle or experiment holds it. */
export async function releaseSlot(
  tx: Transaction,
  loop: string,
  by: { cycleId: string } | { experimentId: string },
  at: Date,
): Promise<void> {
  await tx.run(
    "cycleId" in by
      ? sql`update slot set released_at = ${at} where loop = ${loop} and cycle_id = ${by.cycleId} and experiment_id is null and released_at is null`
      : sql`update slot set released_at = ${at} where loop = ${loop} and experiment_id = ${by.experimentId} and released_at is null`,
  );
}

function slotTaken(held: { holder: string; since: Date } | null): Fault {
  return new Fault(
    "conflict",
    held === null ? "another cycle started just now" : `${held.holder} is running since ${instantInWords(held.since)}`,
    {
      hint: "a loop learns one thing at a time: wait for it, or stop it first",
      details: held === null ? {} : { holder: held.holder, since: held.since.toISOString() },
    },
  );
}
