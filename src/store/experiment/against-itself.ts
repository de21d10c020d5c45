// An A/A experiment: the champion under two names. What it finds is chance, or a fault in how users are assigned and counted.
import type { Transaction } from "../../db/database.ts";
import { sql } from "../../db/sql.ts";
import type { Asked, ExperimentParameters } from "../../domain/experiment.ts";
import { newId } from "../../domain/id.ts";
import { holdLoop } from "../hold-loop.ts";
import { championOf, loadModel, type Model } from "../models.ts";
import { beginExperiment } from "./lifecycle.ts";
import type { Experiment } from "./row.ts";

/** Begins one. Throws a Fault `conflict` that says who holds the loop's slot, when somebody does. */
export async function beginAgainstItself(
  tx: Transaction,
  loop: string,
  { parameters, ...begin }: { id: string; parameters: ExperimentParameters; at: Date },
  asked: Asked,
): Promise<Experiment> {
  await holdLoop(tx, loop);
  const twin = await twinOf(tx, loop, await championOf(tx, loop), begin.at);
  const frozen = { ...parameters, aa: true };
  return beginExperiment(tx, loop, { ...begin, cycleId: null, challengerId: twin.id, parameters: frozen }, asked);
}

/** The model's other name, made when it is first needed. It answers as the model does, and learns nothing of its own. */
async function twinOf(tx: Transaction, loop: string, model: Model, at: Date): Promise<Model> {
  await tx.run(sql`
    insert into model (id, loop, name, kind, role, provider, examples, twin_of, created_at, role_since)
    select ${newId()}, loop, name || '-twin', kind, 'candidate', provider, examples, id, ${at}, ${at} from model where id = ${model.id}
    on conflict (twin_of) do nothing`);
  return loadModel(tx, loop, `${model.name}-twin`);
}
