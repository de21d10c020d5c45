// PostgreSQL's refusals that are not bugs of ours: it is gone, it is busy, or a value does not fit.
import { Fault } from "../domain/fault.ts";

const GONE = new Set(["57P01", "57P02", "57P03", "53300", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);
const BUSY = new Set(["40P01", "40001", "55P03"]);

/** The fault that such an error means, or null when it is something else. */
export function databaseFault(error: unknown): Fault | null {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (typeof code !== "string") return null;
  if (GONE.has(code) || code.startsWith("08"))
    return new Fault("unavailable", "the database does not answer", {
      hint: "nothing was recorded: send the request again",
      cause: error,
    });
  if (BUSY.has(code))
    return new Fault("unavailable", "two requests stood in each other's way", {
      hint: "nothing was recorded: send the request again",
      cause: error,
    });
  if (/^22[0-9A-Z]{3}$/.test(code))
    return new Fault("invalid", "a value in the request is out of the range that can be kept", {
      hint: "nothing was recorded: look for very large numbers or very old dates",
      cause: error,
    });
  return null;
}
