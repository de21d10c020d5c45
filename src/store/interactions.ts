// Recording what the model answered: once, whatever is sent how often.
import { z } from "zod";
import type { Transaction } from "../db/database.ts";
import { prepared, sql } from "../db/sql.ts";
import { cleanText } from "../domain/clean-text.ts";
import { newId } from "../domain/id.ts";
import type { Interaction } from "../domain/interaction.ts";
import { withoutNul } from "./clean.ts";
import { countInteractions } from "./feedback/count.ts";
import { takeInteractionKeys } from "./ingest-keys.ts";

/** Records interactions of one loop. Repeats change nothing. Returns our ids, in the order given. */
export async function recordInteractions(
  tx: Transaction,
  loop: string,
  interactions: readonly Interaction[],
): Promise<string[]> {
  const named = interactions.map((interaction) => ({
    ...interaction,
    clientId: cleanText(interaction.clientId ?? newId()),
  }));
  const ours = new Set(
    named.flatMap((named, index) => (interactions[index]!.clientId === null ? [named.clientId] : [])),
  );
  const keys = await takeInteractionKeys(
    tx,
    loop,
    named.map((interaction) => interaction.clientId),
    ours,
  );
  const ids = named.map((interaction) => keys.get(interaction.clientId)!);
  const known = await tx.rows(
    z.object({ id: z.string() }),
    prepared(sql`select id from interaction where id = any(${ids}::uuid[])`),
  );
  const seen = new Set(known.map((row) => row.id));
  const fresh: { id: string; interaction: Interaction }[] = [];
  named.forEach((interaction, index) => {
    const id = ids[index]!;
    if (seen.has(id)) return;
    seen.add(id);
    fresh.push({ id, interaction });
  });
  if (fresh.length === 0) return ids;
  await insert(tx, loop, fresh);
  await rememberConversations(
    tx,
    loop,
    fresh.map((row) => row.interaction),
  );
  const inExperiment = fresh.filter(({ interaction }) => interaction.counted !== null && interaction.unit !== null);
  await countInteractions(tx, loop, idsOf(fresh), idsOf(inExperiment));
  return ids;
}

const idsOf = (rows: readonly { id: string }[]) => rows.map((row) => row.id);

async function insert(
  tx: Transaction,
  loop: string,
  rows: readonly { id: string; interaction: Interaction }[],
): Promise<void> {
  const documents = rows.map(({ id, interaction }) => ({
    id,
    at: interaction.at.toISOString(),
    unit: interaction.unit,
    conversation: interaction.conversation,
    model_id: interaction.modelId,
    model_name: interaction.modelName,
    provider_model: interaction.providerModel,
    system_prompt_hash: interaction.systemPromptHash,
    variant: interaction.variant,
    experiment_id: interaction.counted?.experimentId ?? null,
    phase: interaction.counted?.phase ?? null,
    stratum: interaction.counted?.stratum ?? null,
    messages: interaction.messages,
    response: interaction.response,
    tools: interaction.tools,
    action_type: interaction.actionType,
    action_data: interaction.actionData ?? null,
    quality: interaction.quality,
    latency_us: interaction.latencyUs,
    input_tokens: interaction.inputTokens,
    output_tokens: interaction.outputTokens,
    cost_micros: interaction.costMicros,
    error: interaction.error,
    store: interaction.store,
    metadata: interaction.metadata,
  }));
  await tx.run(
    prepared(sql`
    insert into interaction (id, loop, at, unit, conversation, model_id, model_name, provider_model, system_prompt_hash, variant,
      experiment_id, phase, stratum, messages, response, tools, action_type, action_data, quality, latency_us, input_tokens, output_tokens,
      cost_micros, error, store, metadata)
    select id, ${loop}, at, unit, conversation, model_id, model_name, provider_model, system_prompt_hash, variant,
      experiment_id, phase, stratum, messages, response, tools, action_type, action_data, quality, latency_us, input_tokens, output_tokens,
      cost_micros, error, store, metadata
    from jsonb_to_recordset(${withoutNul(documents)}::jsonb) as row (id uuid, at timestamptz, unit text, conversation text,
      model_id uuid, model_name text, provider_model text, system_prompt_hash text, variant text, experiment_id uuid, phase text,
      stratum smallint, messages jsonb, response jsonb, tools jsonb, action_type text, action_data jsonb, quality real, latency_us bigint,
      input_tokens integer, output_tokens integer, cost_micros bigint, error text, store boolean, metadata jsonb)`),
  );
}

async function rememberConversations(
  tx: Transaction,
  loop: string,
  interactions: readonly Interaction[],
): Promise<void> {
  const newest = new Map<string, { modelId: string; at: Date }>();
  for (const { conversation, modelId, at } of interactions)
    if (conversation !== null && modelId !== null && at >= (newest.get(conversation)?.at ?? at))
      newest.set(conversation, { modelId, at });
  const rows = [...newest].sort(([left], [right]) => (left < right ? -1 : 1));
  if (rows.length === 0) return;
  await tx.run(
    prepared(sql`
    insert into conversation (loop, id, model_id, last_at)
    select ${loop}, id, model_id, last_at
    from unnest(${rows.map(([id]) => id)}::text[], ${rows.map(([, row]) => row.modelId)}::uuid[], ${rows.map(([, row]) => row.at)}::timestamptz[])
      as row (id, model_id, last_at)
    on conflict (loop, id) do update set model_id = excluded.model_id, last_at = excluded.last_at
    where excluded.last_at >= conversation.last_at`),
  );
}

/** Which model a conversation was last answered by, or null. */
export async function conversationModel(tx: Transaction, loop: string, conversation: string): Promise<string | null> {
  const found = await tx.maybe(
    z.object({ model_id: z.string() }),
    sql`select model_id from conversation where loop = ${loop} and id = ${conversation}`,
  );
  return found?.model_id ?? null;
}
