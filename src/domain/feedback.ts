// Feedback: what came from outside about an interaction. Two shapes come in; one is kept.
import { z } from "zod";
import { clientId } from "./interaction.ts";

const text = z.string().max(20_000);

/** What a thumb may be; words and booleans are understood as 1 and -1. A 5 of five stars and a 2 of five would else both be a thumb up. */
const THUMBS: readonly unknown[] = [1, -1, null, "up", "down", true, false];

const NO_THUMB =
  'is no thumb: a thumb is 1 or -1, or null to withdraw it; send stars, or other numbers and words, under a name of their own, as "name": "stars"';

/** The shape of today: a rating of an interaction that has an id. */
export const ratingInput = z
  .strictObject({
    interaction_id: clientId,
    user_id: clientId.nullish(),
    name: z
      .string()
      .min(1)
      .max(64)
      .refine((name) => !name.includes("\0"), "a rating's name has no NUL character")
      .default("thumb"),
    value: z.union([z.number(), z.boolean(), z.string().max(2000), z.null()]),
    reasons: z.array(z.string().max(200)).max(50).default([]),
    comment: text.nullish(),
    correction: text.nullish(),
    action_type: z.string().max(100).nullish(),
    event_id: clientId.nullish(),
    revision: z.number().int().min(0).nullish(),
  })
  .refine(({ name, value }) => name !== "thumb" || THUMBS.includes(value), { path: ["value"], message: NO_THUMB });

/** The older shape, which records the interaction too. */
export const messageRatingInput = z.strictObject({
  message_id: clientId,
  feedback: z.enum(["up", "down"]),
  user_id: clientId.nullish(),
  user_message: text,
  assistant_response: text,
  action_type: z.string().max(100).nullish(),
  action_data: z.unknown().optional(),
});

export type RatingInput = z.output<typeof ratingInput>;
export type MessageRatingInput = z.output<typeof messageRatingInput>;

/** A revision of a rating, as it is kept. */
export interface Feedback {
  /** What the client calls the interaction: its own id, or ours. */
  interaction: string;
  name: string;
  /** The rater's unit, hashed; "" when nobody said. */
  rater: string;
  /** A number, a text, or null when it is withdrawn. */
  value: number | string | null;
  reasons: readonly string[];
  comment: string | null;
  correction: string | null;
  actionType: string | null;
  eventId: string | null;
  revision: number | null;
}

/** The kept form. A thumb is 1 or -1: "up", "down", true and false are understood. Under any other name true is 1 and false is 0. */
export function feedbackFrom(input: RatingInput, hash: (unit: string) => string): Feedback {
  return {
    interaction: input.interaction_id,
    name: input.name,
    rater: input.user_id == null ? "" : hash(`user:${input.user_id}`),
    value: keptValue(input),
    reasons: input.reasons,
    comment: input.comment ?? null,
    correction: input.correction ?? null,
    actionType: input.action_type ?? null,
    eventId: input.event_id ?? null,
    revision: input.revision ?? null,
  };
}

function keptValue({ name, value }: RatingInput): Feedback["value"] {
  if (value === "up" || value === true) return 1;
  if (value === "down") return -1;
  return value === false ? (name === "thumb" ? -1 : 0) : value;
}

/** Whether a live value is a thumb up, a thumb down, or neither. */
export function thumbOf(name: string, value: unknown): "up" | "down" | null {
  if (name !== "thumb" || typeof value !== "number" || value === 0) return null;
  return value > 0 ? "up" : "down";
}
