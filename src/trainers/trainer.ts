// The port to what makes models. A training run is our order; a job is what the trainer calls it.
import type { ModelAddress } from "../providers/providers.ts";

/** What is ordered. Everything in it is fixed before the first submission. */
export interface TrainingOrder {
  /** `<cycle id>/train`: the same for every attempt, and what finds the job again. */
  key: string;
  /** What the candidate is made from. */
  base: ModelAddress;
  training: TrainingFile;
  validation: TrainingFile | null;
  /** The examples file of the snapshot, for trainers that learn in context. */
  examples: TrainingFile;
  /** How many examples to put in front of a request, for trainers that learn in context. */
  examplesPerRequest: number;
  /** In the training file. */
  tokens: number;
  epochs: number;
  /** Becomes part of the model's name at the provider. */
  suffix: string;
  seed: number;
}

export interface TrainingFile {
  name: string;
  sha256: string;
  bytes: number;
  read(): Promise<Buffer>;
}

export interface TrainingJob {
  id: string;
}

/** Until when a submission may go on. */
export interface SubmitLimit {
  /** Aborts it, wherever it is. */
  signal: AbortSignal;
  /** From this instant on (milliseconds since 1970) it must not leave: others may take it as given up. */
  notAfter: number;
}

/** What a succeeded job made: how the candidate answers. */
export interface TrainedModel {
  kind: "fine-tuned" | "in-context";
  address: ModelAddress;
  examples: { sha256: string; perRequest: number } | null;
}

/** `word` is the trainer's own word for its state. An unknown word is taken as running. */
export type TrainingStatus =
  | { kind: "running"; word: string }
  | { kind: "succeeded"; word: string; model: TrainedModel; costUsd: number | null }
  /** `reason` is safe to show; `detail` is the trainer's own text, which may quote what people wrote, and stays in the row. */
  | { kind: "failed" | "cancelled"; word: string; reason: string; detail: string | null };

/**
 * Makes models. Idempotent by `order.key`: who is not sure whether a submission arrived asks `find` before submitting again.
 * Errors are those of the provider's client, as `readProviderError` reads them.
 */
export interface Trainer {
  readonly name: string;
  /** What training a base model on so many tokens, so often, would cost in USD; 0 is free; null: the price is not known. */
  estimate(work: Pick<TrainingOrder, "base" | "tokens" | "epochs">): number | null;
  /** Brings the order's files to the trainer. May be repeated; finds what is there. */
  prepare(order: TrainingOrder, signal: AbortSignal): Promise<void>;
  /** The jobs with this order's key, the oldest first. */
  find(order: TrainingOrder, signal: AbortSignal): Promise<TrainingJob[]>;
  /**
   * Submits once. Not safe to repeat without `find`. Looks at the clock in the same turn in which the request leaves, and
   * throws `NotSent` when it is `limit.notAfter` or later: a process that was frozen hears what it waited for before its
   * timers fire, so that `limit.signal` alone would let the request out first. Throws `NotSent`, too, when it has come to
   * no request; any other error that is not clear is taken as a job that may be there.
   */
  submit(order: TrainingOrder, limit: SubmitLimit): Promise<TrainingJob>;
  status(order: TrainingOrder, job: TrainingJob, signal: AbortSignal): Promise<TrainingStatus>;
  /** Cancels; harmless when the job has ended. */
  cancel(order: TrainingOrder, job: TrainingJob, signal: AbortSignal): Promise<void>;
}
