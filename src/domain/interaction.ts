// An interaction: one request to a model and its answer, as the API takes it and as it is kept.
import { z } from "zod";
import { type Message, message } from "./message.ts";

/** Any id a client uses: 1 to 128 characters. */
export const clientId = z
  .string()
  .min(1, "an id has at least one character")
  .max(128, "an id has at most 128 characters")
  .refine((id) => !id.includes("\0"), "an id has no NUL character");

const micros = (value: number) => Math.round(value * 1_000_000);

/** What POST /api/interactions takes, one of them. */
export const interactionInput = z.strictObject({
  id: clientId.optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  user_id: clientId.nullish(),
  conversation_id: clientId.nullish(),
  model: z.string().max(200).optional(),
  variant: z.enum(["champion", "challenger", "standby"]).optional(),
  messages: z.array(message).min(1),
  response: z.union([z.string(), message, z.null()]),
  tools: z.array(z.unknown()).max(1000).nullish(),
  action_type: z.string().max(100).nullish(),
  action_data: z.unknown().optional(),
  quality: z.number().min(0).max(1).nullish(),
  latency_ms: z.number().min(0).max(1e9).nullish(),
  input_tokens: z.number().int().min(0).max(2_147_483_647).nullish(),
  output_tokens: z.number().int().min(0).max(2_147_483_647).nullish(),
  cost_usd: z.number().min(0).max(1e6).nullish(),
  error: z.string().max(2000).nullish(),
  store: z.boolean().default(true),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
export type InteractionInput = z.output<typeof interactionInput>;

export type Variant = "champion" | "challenger" | "standby";

/** An interaction as it is kept. Units are hashed; times are instants; money and latency are in millionths. */
export interface Interaction {
  /** The client's name for it, or ours when the client gave none. */
  clientId: string | null;
  at: Date;
  unit: string | null;
  conversation: string | null;
  modelId: string | null;
  modelName: string;
  providerModel: string | null;
  systemPromptHash: string | null;
  variant: Variant;
  /** Set when the unit counts in an experiment or its probation. */
  counted: { experimentId: string; phase: "experiment" | "probation"; stratum: number } | null;
  messages: readonly Message[];
  response: Message | null;
  /** What the request offered to call. */
  tools: readonly unknown[] | null;
  actionType: string | null;
  actionData: unknown;
  quality: number | null;
  latencyUs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  costMicros: number | null;
  error: string | null;
  store: boolean;
  metadata: Record<string, unknown>;
}

/** The kept form of what an application sent. `hash` hashes a unit; the model is whatever the application says. */
export function interactionFrom(input: InteractionInput, hash: (unit: string) => string, now: Date): Interaction {
  const conversation = input.conversation_id ?? null;
  // As unitOf in evidence/assignment.ts names it, which nothing here may import: change both or neither.
  const unit =
    input.user_id != null ? `user:${input.user_id}` : conversation !== null ? `conversation:${conversation}` : null;
  return {
    clientId: input.id ?? null,
    at: input.at === undefined ? now : new Date(input.at),
    unit: unit === null ? null : hash(unit),
    conversation: conversation === null ? null : hash(`conversation:${conversation}`),
    modelId: null,
    modelName: input.model ?? "unknown",
    providerModel: null,
    systemPromptHash: null,
    variant: input.variant ?? "champion",
    counted: null,
    messages: input.messages,
    response: typeof input.response === "string" ? { role: "assistant", content: input.response } : input.response,
    tools: input.tools == null || input.tools.length === 0 ? null : input.tools,
    actionType: input.action_type ?? null,
    actionData: input.action_data ?? null,
    quality: input.quality ?? null,
    latencyUs: input.latency_ms == null ? null : Math.round(input.latency_ms * 1000),
    inputTokens: input.input_tokens ?? null,
    outputTokens: input.output_tokens ?? null,
    costMicros: input.cost_usd == null ? null : micros(input.cost_usd),
    error: input.error ?? null,
    store: input.store,
    metadata: input.metadata,
  };
}
