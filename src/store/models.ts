// Models: immutable things that can answer, each with the role it has now.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import { Fault } from "../domain/fault.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { type Model, modelFrom, modelRow } from "./model-row.ts";

export type { Model } from "./model-row.ts";

const columns = sql`id, loop, name, kind, role, provider, examples, training_run_id, twin_of, created_at, role_since`;

/** The model, or a Fault `not_found`. `name` may be its id or its name. */
export async function loadModel(tx: Transaction, loop: string, name: string): Promise<Model> {
  const found = await tx.maybe(
    modelRow,
    sql`select ${columns} from model where loop = ${loop} and (id::text = ${name} or name = ${name})`,
  );
  if (found === null)
    throw new Fault("not_found", `loop "${loop}" has no model "${name}"`, {
      hint: "ratchet status shows the champion; GET /api/loops/{loop}/models lists all",
    });
  return modelFrom(found);
}

/** The newest first. */
export async function listModels(tx: Transaction, loop: string): Promise<Model[]> {
  return (await tx.rows(modelRow, sql`select ${columns} from model where loop = ${loop} order by id desc`)).map(
    modelFrom,
  );
}

/** The model in a role that only one may have. */
export async function modelInRole(
  tx: Transaction,
  loop: string,
  role: "champion" | "challenger" | "standby",
): Promise<Model | null> {
  const found = await tx.maybe(modelRow, sql`select ${columns} from model where loop = ${loop} and role = ${role}`);
  return found === null ? null : modelFrom(found);
}

/** The champion; every loop has one from its first settings on. */
export async function championOf(tx: Transaction, loop: string): Promise<Model> {
  const champion = await modelInRole(tx, loop, "champion");
  if (champion === null) throw new Error(`loop ${loop} has no champion`);
  return champion;
}

/** The base model that the settings name: what a candidate is made from. */
export async function baseOf(tx: Transaction, settings: LoopSettings): Promise<Model> {
  const found = await findBase(tx, settings);
  if (found === null) throw new Error(`loop ${settings.name} has no base model ${settings.model.name}`);
  return found;
}

/** The same, or null when these settings were never applied. */
export async function findBase(tx: Transaction, settings: LoopSettings): Promise<Model | null> {
  const found = await tx.maybe(
    modelRow,
    sql`select ${columns} from model where loop = ${settings.name} and kind = 'base' and twin_of is null and provider = ${JSON.stringify(addressOf(settings))}::jsonb`,
  );
  return found === null ? null : modelFrom(found);
}

/** Where the base model of these settings answers. */
export function addressOf({ model }: LoopSettings): Model["provider"] {
  return { provider: model.provider, baseURL: model.baseURL, model: model.name };
}

/** Adds a model; adding the one of a training run again returns the first. */
export async function addModel(
  tx: Transaction,
  model: Omit<Model, "twinOf" | "createdAt" | "roleSince"> & { at: Date },
): Promise<Model> {
  await tx.run(sql`
    insert into model (id, loop, name, kind, role, provider, examples, training_run_id, created_at, role_since)
    values (${model.id}, ${model.loop}, ${model.name}, ${model.kind}, ${model.role}, ${JSON.stringify(model.provider)},
            ${model.examples === null ? null : JSON.stringify(model.examples)}, ${model.trainingRunId}, ${model.at}, ${model.at})
    on conflict (training_run_id) do nothing`);
  return modelFrom(
    await tx.one(
      modelRow,
      sql`select ${columns} from model where id = ${model.id} or training_run_id = ${model.trainingRunId}`,
    ),
  );
}

/** The model that a training run made: its id and name. */
export async function modelOfRun(
  tx: Transaction,
  loop: string,
  runId: string,
): Promise<{ modelId: string; name: string }> {
  const { id, name } = await tx.one(
    modelRow,
    sql`select ${columns} from model where loop = ${loop} and training_run_id = ${runId}`,
  );
  return { modelId: id, name };
}

/** The next name in the loop's series: helpem-v4. Call it under the slot, so that nobody counts at the same time. */
export async function nextModelName(tx: Transaction, loop: string): Promise<string> {
  const { next } = await tx.one(
    z.object({ next: z.number() }),
    sql`select coalesce(max(substring(name from '-v(\\d{1,9})$')::integer), 0) + 1 as next from model where loop = ${loop} and name like ${`${loop}-v%`}`,
  );
  return `${loop}-v${next}`;
}

/**
 * Moves a model from one of these roles to another; hold the loop first. Throws a Fault `conflict` when it has another
 * role by now. The unique indexes keep one champion, one challenger, one standby.
 */
export async function setRole(
  tx: Transaction,
  loop: string,
  id: string,
  change: { from: readonly Model["role"][]; to: Model["role"] },
  at: Date,
): Promise<void> {
  const changed = await tx.run(
    sql`update model set role = ${change.to}, role_since = ${at} where loop = ${loop} and id = ${id} and role = any(${change.from}::text[])`,
  );
  if (changed > 0) return;
  const { name, role } = await loadModel(tx, loop, id);
  throw new Fault(
    "conflict",
    `model ${name} is ${role}, not ${change.from.join(" or ")}: it cannot become ${change.to}`,
  );
}
