// One interaction made ready to teach: cleaned, redacted, and with what ranking and splitting need beside it.
import type { Message } from "../domain/message.ts";

export interface Example {
  readonly interactionId: string;
  readonly at: Date;
  readonly unit: string | null;
  readonly conversation: string | null;
  readonly actionType: string | null;
  readonly quality: number | null;
  readonly rating: 1 | -1 | null;
  /** What was asked, system prompt included. */
  readonly messages: readonly Message[];
  readonly answer: Message;
  readonly tools?: readonly unknown[];
}

/** Orders the better teacher first: best rated, then best judged, then newest; the id settles the rest. */
export function byWorth(a: Example, b: Example): number {
  return (
    (b.rating ?? 0) - (a.rating ?? 0) ||
    (b.quality ?? -1) - (a.quality ?? -1) ||
    b.at.getTime() - a.at.getTime() ||
    (a.interactionId < b.interactionId ? 1 : a.interactionId > b.interactionId ? -1 : 0)
  );
}

export function byId(a: Example, b: Example): number {
  return a.interactionId < b.interactionId ? -1 : a.interactionId > b.interactionId ? 1 : 0;
}
