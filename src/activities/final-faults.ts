// What leaves an activity: a Fault that will not change by trying again is final, everything else is retried; and a
// provider's own words stay out, since they may quote what people wrote, and a history keeps them for months.
import { ApplicationFailure } from "@temporalio/activity";
import { Fault } from "../domain/fault.ts";
import { isProviderError, readProviderError } from "../providers/provider-error.ts";

const PASSING = new Set<Fault["code"]>(["unavailable", "upstream"]);

/** Whether an error is a Fault that will not change by trying again. */
export function isFinal(error: unknown): error is Fault {
  return error instanceof Fault && !PASSING.has(error.code);
}

/** The same activities, with final Faults as non-retryable failures of type `Fault.<code>`. */
export function finalFaults<T extends Record<string, (input: never) => Promise<unknown>>>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        if (isProviderError(error))
          throw ApplicationFailure.create({ type: "Provider", message: readProviderError(error).message });
        if (!isFinal(error)) throw error;
        throw ApplicationFailure.create({
          type: `Fault.${error.code}`,
          message: error.message,
          nonRetryable: true,
          details: [error.details],
        });
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}
