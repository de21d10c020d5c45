// A chat request from end to end: assign, keep a running conversation's model, ask, record, answer.
// The interaction is committed before the answer is given: an answer that nobody can rate would teach nothing.
import type { Database } from "../db/database.ts";
import type { Interaction } from "../domain/interaction.ts";
import { type Assignment, assign, unitOf } from "../evidence/assignment.ts";
import type { Log } from "../log.ts";
import { readProviderError } from "../providers/provider-error.ts";
import type { Providers } from "../providers/providers.ts";
import { conversationModel, recordInteractions } from "../store/interactions.ts";
import { inSpan } from "../telemetry/in-span.ts";
import type { ServingMeter } from "../telemetry/meter.ts";
import { actionOf } from "./action.ts";
import { type Answer, ask, type ChatBody } from "./ask.ts";
import type { Routed, RoutingCache } from "./routing-cache.ts";
import type { ServedModels } from "./served-models.ts";
import { systemPromptHash } from "./system-prompt-hash.ts";

export interface ChatRequest {
  loop: string;
  /** Asked of this role whatever the assignment says (`loop:role`), and then counted in no experiment. */
  role: "champion" | "challenger" | "standby" | null;
  body: ChatBody;
  user: string | null;
  conversation: string | null;
  actionType: string | null;
  store: boolean;
}

export interface ChatReply {
  interactionId: string;
  modelName: string;
  variant: Assignment["variant"];
  document: Record<string, unknown>;
}

export interface ServingDeps {
  db: Database;
  providers: Providers;
  routing: RoutingCache;
  models: ServedModels;
  hash: (loop: string, unit: string) => string;
  clock: () => number;
  log: Log;
  meter: ServingMeter;
}

/**
 * Answers a chat request. Throws the provider client's error when nobody could answer: recorded, unless the caller hung up
 * (`signal`), which says nothing about the model.
 */
export async function chat(deps: ServingDeps, request: ChatRequest, signal: AbortSignal): Promise<ChatReply> {
  const routed = await deps.routing(request.loop);
  const assigned = await route(deps, routed, request);
  const started = deps.clock();
  const outcome = await answer(deps, routed, request, assigned, signal);
  const interaction = record(deps, routed, request, { assigned, started, outcome });
  const [interactionId] = await inSpan({ name: "record interaction" }, async (span) => {
    const ids = await deps.meter.recording("answer", () =>
      deps.db.withLoop(request.loop, (tx) => recordInteractions(tx, request.loop, [interaction])),
    );
    span.setAttributes({
      "ratchet.interaction.id": ids[0]!,
      "ratchet.model.id": outcome.by.id,
      "ratchet.variant": assigned.variant,
    });
    return ids;
  });
  deps.log.info({
    event: "model_selected",
    loop: request.loop,
    interaction: interactionId!,
    model: outcome.by.id,
    variant: assigned.variant,
  });
  if (outcome.answer === null) throw outcome.error;
  return {
    interactionId: interactionId!,
    modelName: outcome.by.name,
    variant: assigned.variant,
    document: outcome.answer.document,
  };
}

async function route(deps: ServingDeps, { routing }: Routed, request: ChatRequest): Promise<Assignment> {
  const forced = request.role === null ? null : modelInRole(routing, request.role);
  if (forced !== null) return { model: forced, variant: request.role!, experiment: null, phase: null, stratum: null };
  const assigned = assign(routing, unitOf(request), deps.clock());
  const standby = routing.probation?.standby;
  if (standby === undefined || request.conversation === null || assigned.variant !== "champion") return assigned;
  // A conversation that the former champion was in keeps it through the promotion, and then says nothing about the new one.
  const conversation = deps.hash(request.loop, `conversation:${request.conversation}`);
  const former = await deps.db.withLoop(request.loop, (tx) => conversationModel(tx, request.loop, conversation));
  return former === standby.id
    ? { model: standby, variant: "standby", experiment: null, phase: null, stratum: null }
    : assigned;
}

function modelInRole(routing: Routed["routing"], role: NonNullable<ChatRequest["role"]>): Assignment["model"] | null {
  if (role === "champion") return routing.champion;
  return role === "challenger" ? (routing.experiment?.challenger ?? null) : (routing.probation?.standby ?? null);
}

interface Outcome {
  by: Assignment["model"];
  answer: Answer | null;
  /** What went wrong: with an answer, the failure of the model that was assigned, for which another answered. */
  fault: string | null;
  error: unknown;
}

async function answer(
  deps: ServingDeps,
  { routing }: Routed,
  request: ChatRequest,
  assigned: Assignment,
  signal: AbortSignal,
): Promise<Outcome> {
  const attempt = async (model: Assignment["model"]) =>
    ask(deps, await deps.models(request.loop, model.id), request.body, signal);
  try {
    return { by: assigned.model, answer: await attempt(assigned.model), fault: null, error: null };
  } catch (error) {
    if (signal.aborted) throw error;
    const fault = `${assigned.variant} failed: ${readProviderError(error).message}`.slice(0, 500);
    deps.log.warn({
      event: "model_failed",
      loop: request.loop,
      model: assigned.model.id,
      variant: assigned.variant,
      fault,
    });
    // The champion answers for the others; in probation the standby, whom everybody trusted before, answers for it.
    const instead = assigned.model.id === routing.champion.id ? routing.probation?.standby : routing.champion;
    if (instead === undefined) return { by: assigned.model, answer: null, fault, error };
    try {
      return { by: instead, answer: await attempt(instead), fault, error: null };
    } catch (secondError) {
      if (signal.aborted) throw secondError;
      return { by: instead, answer: null, fault, error: secondError };
    }
  }
}

function record(
  deps: ServingDeps,
  { settings }: Routed,
  request: ChatRequest,
  made: { assigned: Assignment; started: number; outcome: Outcome },
): Interaction {
  const { assigned, started, outcome } = made;
  const unit = unitOf(request);
  const message = outcome.answer?.message ?? null;
  return {
    clientId: null,
    at: new Date(started),
    unit: unit === null ? null : deps.hash(request.loop, unit),
    conversation:
      request.conversation === null ? null : deps.hash(request.loop, `conversation:${request.conversation}`),
    modelId: outcome.by.id,
    modelName: outcome.by.name,
    providerModel: outcome.answer?.providerModel ?? null,
    systemPromptHash: systemPromptHash(request.body.messages),
    variant: assigned.variant,
    counted:
      assigned.experiment === null || assigned.phase === null || assigned.stratum === null
        ? null
        : { experimentId: assigned.experiment, phase: assigned.phase, stratum: assigned.stratum },
    messages: request.body.messages,
    response: message,
    tools: toolsOf(request.body),
    actionType: request.actionType ?? (message === null ? null : actionOf(message, settings.actionFrom)),
    actionData: null,
    quality: null,
    latencyUs: Math.round((deps.clock() - started) * 1000),
    inputTokens: outcome.answer?.inputTokens ?? null,
    outputTokens: outcome.answer?.outputTokens ?? null,
    costMicros: null,
    error: outcome.fault,
    store: request.store,
    metadata: {},
  };
}

/** What the request offered to call, as whoever learns from the answer must know. */
function toolsOf({ tools }: ChatBody): readonly unknown[] | null {
  return Array.isArray(tools) && tools.length > 0 ? tools : null;
}
