// The last words of a process that cannot go on: what was wrong and what to do, no stack unless it is a bug of ours.
import { Fault } from "./domain/fault.ts";

/** What to write of an error on standard error; ends with a line end. */
export function explain(error: unknown): string {
  if (error instanceof Fault)
    return `ratchet: ${error.message}${error.hint === undefined ? "" : `\n  → ${error.hint}`}\n`;
  if (!(error instanceof Error)) return `ratchet: ${error}\n`;
  const cause = error.cause instanceof Error ? `\n  caused by: ${error.cause.message}` : "";
  return `ratchet: ${error.stack ?? error.message}${cause}\n`;
}

/** Writes the error to standard error and ends the process with code 1. */
export function reportAndExit(error: unknown): void {
  process.stderr.write(explain(error), () => process.exit(1));
}
