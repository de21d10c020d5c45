// What a trainer's refusal means for a call that may be repeated.
import { ApplicationFailure } from "@temporalio/activity";
import { readProviderError } from "../providers/provider-error.ts";

/** How long a trainer is left alone that did not say how long (milliseconds). */
export const DEFAULT_WAIT = 30_000;

/** Waits as told, gives up on what will not change, and else lets the retry policy go on. */
export function retryAsTold(error: unknown): never {
  const fault = readProviderError(error);
  if (fault.kind === "wait")
    throw ApplicationFailure.create({
      type: "TrainerBusy",
      message: fault.message,
      nextRetryDelay: fault.afterMs ?? DEFAULT_WAIT,
    });
  if (fault.kind === "final")
    throw ApplicationFailure.create({ type: "TrainingRefused", message: fault.message, nonRetryable: true });
  throw error;
}
