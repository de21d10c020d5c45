// The base model that a loop's settings name: registered when it is new, champion while nobody was ever answered.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { sql } from "../db/sql.ts";
import type { Asked } from "../domain/experiment.ts";
import { newId } from "../domain/id.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { recordAudit } from "./audit.ts";
import { openExperiment } from "./experiment/row.ts";
import { addModel, addressOf, findBase, type Model, modelInRole, setRole } from "./models.ts";

/**
 * Registers the base model that new settings name. The first becomes champion; a later one does so only while the
 * champion is a base model that has answered nobody yet, otherwise it waits to be the base of the next candidate.
 */
export async function registerBase(tx: Transaction, settings: LoopSettings, asked: Asked, at: Date): Promise<void> {
  const loop = settings.name;
  const champion = await modelInRole(tx, loop, "champion");
  const known = await findBase(tx, settings);
  if (known !== null && known.id === champion?.id) return;
  const takesOver = champion === null || (await isUntried(tx, champion));
  if (!takesOver) {
    if (known === null) await addBase(tx, settings, "candidate", at);
    return;
  }
  if (champion !== null) await setRole(tx, loop, champion.id, { from: ["champion"], to: "retired" }, at);
  const base = known ?? (await addBase(tx, settings, "champion", at));
  if (known !== null)
    await setRole(tx, loop, known.id, { from: ["candidate", "retired", "rejected"], to: "champion" }, at);
  await tx.run(sql`
    insert into promotion (id, loop, kind, from_model_id, to_model_id, supported, actor, reason, at)
    values (${newId()}, ${loop}, 'first', ${champion?.id ?? null}, ${base.id}, true, ${asked.actor}, ${asked.reason}, ${at})`);
  const payload = { model: base.provider };
  await recordAudit(tx, { loop, at, ...asked, action: "champion.first", subject: `model/${base.id}`, payload });
}

/** Whether a champion can be replaced without anybody noticing: a base model, never asked, and not being compared. */
async function isUntried(tx: Transaction, champion: Model): Promise<boolean> {
  if (champion.kind !== "base" || (await openExperiment(tx, champion.loop)) !== null) return false;
  const answered = await tx.rows(
    z.unknown(),
    sql`select 1 from interaction where loop = ${champion.loop} and model_id = ${champion.id} limit 1`,
  );
  return answered.length === 0;
}

async function addBase(
  tx: Transaction,
  settings: LoopSettings,
  role: "champion" | "candidate",
  at: Date,
): Promise<Model> {
  const provider = addressOf(settings);
  const taken = await tx.rows(
    z.unknown(),
    sql`select 1 from model where loop = ${settings.name} and name = ${provider.model}`,
  );
  const id = newId();
  const name = taken.length === 0 ? provider.model : `${provider.model} (${id.slice(-6)})`;
  return addModel(tx, {
    id,
    loop: settings.name,
    name,
    kind: "base",
    role,
    provider,
    examples: null,
    trainingRunId: null,
    at,
  });
}
