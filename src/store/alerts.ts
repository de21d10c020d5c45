// Alerts: open while their condition holds, one at a time per kind and subject.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { ALERT_KINDS, type AlertKind } from "../domain/alert-kind.ts";
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import { announce } from "./events.ts";

const row = z.object({
  id: z.string(),
  kind: z.enum(ALERT_KINDS),
  subject: z.string(),
  words: z.string(),
  numbers: z.unknown(),
  opened_at: z.date(),
  closed_at: z.date().nullable(),
});

export function openAlerts(tx: Transaction, loop: string) {
  return tx.rows(
    row,
    sql`select id, kind, subject, words, numbers, opened_at, closed_at from alert where loop = ${loop} and closed_at is null order by opened_at desc`,
  );
}

/** The alert, or a Fault `not_found`. */
export async function loadAlert(tx: Transaction, loop: string, id: string) {
  const found = await tx.maybe(
    row,
    sql`select id, kind, subject, words, numbers, opened_at, closed_at from alert where loop = ${loop} and id::text = ${id}`,
  );
  if (found === null) throw new Fault("not_found", `loop "${loop}" has no alert "${id}"`);
  return found;
}

/** The newest first, below `before` when given. */
export function listAlerts(tx: Transaction, loop: string, page: { before: string | null; limit: number }) {
  return tx.rows(
    row,
    sql`
    select id, kind, subject, words, numbers, opened_at, closed_at from alert
    where loop = ${loop} and id < coalesce(${page.before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) order by id desc limit ${page.limit}`,
  );
}

/** Opens an alert; one that is open already gets the newer words. Whether it was not open before. */
export async function openAlert(
  tx: Transaction,
  loop: string,
  alert: { kind: AlertKind; subject: string; words: string; numbers: Record<string, unknown> },
  at: Date,
): Promise<boolean> {
  const { opened } = await tx.one(
    z.object({ opened: z.boolean() }),
    sql`
    insert into alert (id, loop, kind, subject, words, numbers, opened_at)
    values (${newId()}, ${loop}, ${alert.kind}, ${alert.subject}, ${alert.words}, ${JSON.stringify(alert.numbers)}, ${at})
    on conflict (loop, kind, subject) where closed_at is null do update set words = excluded.words, numbers = excluded.numbers
    returning xmax = 0 as opened`,
  );
  if (opened) await announce(tx, loop, "alert.opened", alert.kind);
  return opened;
}

/** Puts other numbers on an alert, if it is open. */
export async function numberAlert(
  tx: Transaction,
  loop: string,
  alert: { kind: AlertKind; subject: string },
  numbers: Record<string, unknown>,
): Promise<void> {
  await tx.run(sql`
    update alert set numbers = ${JSON.stringify(numbers)}
    where loop = ${loop} and kind = ${alert.kind} and subject = ${alert.subject} and closed_at is null`);
}

/** Closes an alert. Whether it was open. */
export async function closeAlert(
  tx: Transaction,
  loop: string,
  alert: { kind: AlertKind; subject: string },
  at: Date,
): Promise<boolean> {
  const closed = await tx.run(sql`
    update alert set closed_at = ${at} where loop = ${loop} and kind = ${alert.kind} and subject = ${alert.subject} and closed_at is null`);
  if (closed > 0) await announce(tx, loop, "alert.closed", alert.kind);
  return closed > 0;
}
