// A call that an application made by itself, by the routing document: which model answered, and what it counts in.
import type { Interaction, InteractionInput } from "../domain/interaction.ts";
import { assign, type RoutingDocument, unitOf } from "../evidence/assignment.ts";
import { systemPromptHash } from "./system-prompt-hash.ts";

/** What an open experiment is known by beside its routing. */
export interface Begun {
  experimentId: string;
  startedAt: Date;
}

/**
 * The interaction with its model and, while its unit is in an experiment or its probation, with what it counts in. Only one that says
 * which variant answered: it counts for that one, so that a client that assigns otherwise than it should is found out by the checks.
 * What was said before the experiment began counts in nothing.
 */
export function placeOwnCall(
  interaction: Interaction,
  { user_id: user, conversation_id: conversation, variant }: InteractionInput,
  routing: RoutingDocument,
  begun: Begun | null,
  now: Date,
): Interaction {
  const models = {
    champion: routing.champion,
    challenger: routing.experiment?.challenger,
    standby: routing.probation?.standby,
  };
  const model = variant === undefined ? undefined : models[variant];
  if (model === undefined) return interaction;
  const served = { ...interaction, modelId: model.id, systemPromptHash: systemPromptHash(interaction.messages) };
  const unit = unitOf({ user: user ?? null, conversation: conversation ?? null });
  const { experiment, phase, stratum } = assign(routing, unit, now);
  if (experiment === null || phase === null || stratum === null) return served;
  if (begun?.experimentId !== experiment || interaction.at < begun.startedAt) return served;
  return { ...served, counted: { experimentId: experiment, phase, stratum } };
}
