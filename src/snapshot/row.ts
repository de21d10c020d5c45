// One interaction with what people said of it, as selection meets it.
import type { Message } from "../domain/message.ts";

export interface SnapshotRow {
  /** The interaction's id. */
  readonly id: string;
  readonly at: Date;
  /** Whom it belongs to, as a hash; null when unknown. */
  readonly unit: string | null;
  readonly conversation: string | null;
  readonly actionType: string | null;
  /** From 0 to 1; null when nobody judged it. */
  readonly quality: number | null;
  /** The live thumb. */
  readonly rating: 1 | -1 | null;
  /** False: serve, but never learn from it. */
  readonly store: boolean;
  readonly error: string | null;
  readonly messages: readonly Message[];
  readonly response: string | Message | null;
  /** What the person would rather have read. */
  readonly correction: string | null;
  /** The tools that the request offered; passed through into training files. */
  readonly tools?: readonly unknown[];
}
