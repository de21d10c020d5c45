// Rolling back: one command, one transaction, no provider.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { instantInWords } from "../domain/duration.ts";
import type { Asked } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import { closeAlert } from "./alerts.ts";
import { recordAudit } from "./audit.ts";
import { announce } from "./events.ts";
import { conclude, LOOKS_WORSE } from "./experiment/lifecycle.ts";
import { openExperiment } from "./experiment/row.ts";
import { holdLoop } from "./hold-loop.ts";
import { championOf, loadModel, type Model, setRole } from "./models.ts";

const row = z.object({
  id: z.string(),
  kind: z.enum(["first", "promotion", "rollback"]),
  from_model_id: z.string().nullable(),
  to_model_id: z.string(),
  experiment_id: z.string().nullable(),
  supported: z.boolean(),
  actor: z.string(),
  reason: z.string(),
  at: z.date(),
});

/** Every change of champion, the newest first. */
export function listPromotions(tx: Transaction, loop: string) {
  return tx.rows(
    row,
    sql`select id, kind, from_model_id, to_model_id, experiment_id, supported, actor, reason, at from promotion where loop = ${loop} order by id desc`,
  );
}

const came = z.object({
  experiment_id: z.string(),
  supported: z.boolean(),
  undone: z.object({ at: z.coerce.date(), by: z.string(), reason: z.string() }).nullable(),
});

/** What came of an experiment's promotion. */
export interface PromotionMark {
  /** Whether the evidence spoke for it: an override stays marked for ever. */
  supported: boolean;
  /** Who took it back, when and why; null when it stands. An experiment that kept its outcome is told so by this alone. */
  rolledBack: { at: Date; by: string; reason: string } | null;
}

/** Of the experiments that promoted, what came of it. */
export async function marksOf(
  tx: Transaction,
  loop: string,
  experimentIds: readonly string[],
): Promise<Map<string, PromotionMark>> {
  const rows = await tx.rows(
    came,
    sql`
    select experiment_id, supported, (
      select jsonb_build_object('at', undone.at, 'by', undone.actor, 'reason', undone.reason) from promotion as undone
      where undone.loop = ${loop} and undone.kind = 'rollback' and undone.experiment_id = promotion.experiment_id
      order by undone.id limit 1) as undone
    from promotion where loop = ${loop} and kind = 'promotion' and experiment_id = any(${[...experimentIds]}::uuid[])`,
  );
  return new Map(rows.map(({ experiment_id: id, supported, undone }) => [id, { supported, rolledBack: undone }]));
}

/**
 * Brings the former champion back. In probation that is the standby; later the model that the last promotion replaced.
 * An experiment under way is stopped first. Returns the champion there is now and the experiment that it ended, if any.
 *
 * One who asks twice, since the answer was lost, or two who ask for the same reason, go back one step: after a rollback the next one must
 * name the champion that it takes back. Throws a Fault `conflict` when it does not, when `from` is not the champion (its name or id), and
 * when there is nothing to roll back to.
 */
export async function rollBack(
  tx: Transaction,
  loop: string,
  asked: Asked,
  at: Date,
  from: string | null = null,
): Promise<{ champion: Model; experimentId: string | null }> {
  await holdLoop(tx, loop);
  await refuseOtherChampion(tx, loop, from);
  const open = await openExperiment(tx, loop);
  if (open?.status === "probation") {
    await conclude(tx, loop, open.id, { outcome: "rolled_back", at }, asked);
    return { champion: await championOf(tx, loop), experimentId: open.id };
  }
  const champion = await championOf(tx, loop);
  const last = await tx.maybe(
    z.object({ from_model_id: z.string().nullable(), experiment_id: z.string().nullable() }),
    sql`
    select from_model_id, experiment_id from promotion
    where loop = ${loop} and kind = 'promotion' and to_model_id = ${champion.id}
      and not exists (select from promotion undone where undone.kind = 'rollback' and undone.experiment_id = promotion.experiment_id)
    order by id desc limit 1`,
  );
  if (last === null || last.from_model_id === null) throw await nothingToRollBackTo(tx, loop, champion, open !== null);
  if (from === null) await refuseAnotherStep(tx, loop, champion);
  if (open !== null)
    await conclude(
      tx,
      loop,
      open.id,
      { outcome: "stopped", at },
      { actor: asked.actor, reason: `the champion is rolled back: ${asked.reason}` },
    );
  const former = await loadModel(tx, loop, last.from_model_id);
  await setRole(tx, loop, champion.id, { from: ["champion"], to: "rejected" }, at);
  await setRole(tx, loop, former.id, { from: ["retired", "rejected", "candidate"], to: "champion" }, at);
  await tx.run(sql`
    insert into promotion (id, loop, kind, from_model_id, to_model_id, experiment_id, supported, actor, reason, at)
    values (${newId()}, ${loop}, 'rollback', ${champion.id}, ${former.id}, ${last.experiment_id}, true, ${asked.actor}, ${asked.reason}, ${at})`);
  await closeAlert(tx, loop, { kind: LOOKS_WORSE, subject: `model/${champion.id}` }, at);
  await tx.run(sql`update loop set routing_version = routing_version + 1 where name = ${loop}`);
  await recordAudit(tx, {
    loop,
    at,
    ...asked,
    action: "champion.rollback",
    subject: `model/${former.id}`,
    payload: { from: champion.name, to: former.name },
  });
  await announce(tx, loop, "champion.changed", former.id);
  return { champion: await championOf(tx, loop), experimentId: open?.id ?? null };
}

async function nothingToRollBackTo(tx: Transaction, loop: string, champion: Model, compares: boolean): Promise<Fault> {
  const { kind, who, when, at } = await lastChange(tx, loop);
  const nobody = "there is nothing to roll back to";
  const words =
    kind === "rollback"
      ? `rolled back already, at ${instantInWords(at)} by ${who}: ${champion.name} is the champion again, and before it ${nobody}`
      : `${champion.name} is the champion and replaced nobody: ${nobody}`;
  return new Fault("conflict", words, {
    ...(compares
      ? {
          hint: 'to take the challenger of the experiment under way from its users: ratchet experiment stop --reason "…"',
        }
      : {}),
    details: { champion: champion.name, who, when },
  });
}

async function refuseOtherChampion(tx: Transaction, loop: string, from: string | null): Promise<void> {
  if (from === null) return;
  const champion = await championOf(tx, loop);
  if (from === champion.id || from === champion.name) return;
  const { who, when, at } = await lastChange(tx, loop);
  throw new Fault(
    "conflict",
    `${from} is not the champion: ${champion.name} is, by ${who}, since ${instantInWords(at)}`,
    {
      details: { champion: champion.name, who, when },
    },
  );
}

async function refuseAnotherStep(tx: Transaction, loop: string, champion: Model): Promise<void> {
  const { kind, who, when, at } = await lastChange(tx, loop);
  if (kind !== "rollback") return;
  throw new Fault(
    "conflict",
    `the champion was rolled back already: ${champion.name} is back, by ${who}, since ${instantInWords(at)}`,
    {
      hint: `to go back one more step, say from whom: ratchet rollback --from ${champion.name}, or {"from": "${champion.name}"} over HTTP`,
      details: { champion: champion.name, who, when },
    },
  );
}

async function lastChange(
  tx: Transaction,
  loop: string,
): Promise<{ kind: string; who: string; when: string; at: Date }> {
  const { kind, actor, at } = await tx.one(
    z.object({ kind: z.string(), actor: z.string(), at: z.date() }),
    sql`select kind, actor, at from promotion where loop = ${loop} order by id desc limit 1`,
  );
  return { kind, who: actor, when: at.toISOString(), at };
}
