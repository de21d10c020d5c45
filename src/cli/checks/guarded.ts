// Turns whatever a look at something threw into its check.
import { Fault } from "../../domain/fault.ts";
import { type Check, wrong } from "./check.ts";

/** The check that the work returns, or one that says what it threw. */
export async function guarded(name: string, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) return wrong(name, error.message, error.hint ?? "look at its log");
    return wrong(name, error instanceof Error ? error.message : String(error), "look at its log");
  }
}
