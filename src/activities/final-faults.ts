// A Fault that will not change by trying again ends the activity; everything else is retried.
import { ApplicationFailure } from "@temporalio/activity";
import { Fault } from "../domain/fault.ts";

const PASSING = new Set<Fault["code"]>(["unavailable", "upstream"]);

/** The same activities, with final Faults as non-retryable failures of type `Fault.<code>`. */
export function finalFaults<T extends Record<string, (input: never) => Promise<unknown>>>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        if (!(error instanceof Fault) || PASSING.has(error.code)) throw error;
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
