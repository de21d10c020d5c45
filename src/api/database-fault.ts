// PostgreSQL's refusals that are not bugs of ours: it is gone, it is busy, or a value does not fit.
import { Fault } from "../domain/fault.ts";

/** It was never reached, or let nobody in: nothing can have been written. */
const NOT_REACHED = new Set(["57P03", "53300", "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);
/** The connection broke, perhaps while a commit was on its way. */
const LOST = new Set(["57P01", "57P02", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);
const BUSY = new Set(["40P01", "40001", "55P03"]);
/** It took too long, and PostgreSQL gave it up. */
const TOO_LONG = "57014";

// What pg says without a code.
const NOT_REACHED_WORDS =
  /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/;
const LOST_WORDS =
  /^(Connection terminated( unexpectedly)?|Client has encountered a connection error and is not queryable|Client was closed and is not queryable|Query read timeout)$/;

const NOTHING_RECORDED = "nothing was recorded: send the request again";

/** The fault that such an error means, or null when it is something else. */
export function databaseFault(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  const given = (error as { code?: unknown }).code;
  const code = typeof given === "string" ? given : "";
  if (NOT_REACHED.has(code) || NOT_REACHED_WORDS.test(error.message))
    return new Fault("unavailable", "the database does not answer", { hint: NOTHING_RECORDED, cause: error });
  if (LOST.has(code) || code.startsWith("08") || LOST_WORDS.test(error.message))
    return new Fault("unavailable", "the connection to the database broke", {
      hint: "it may have been done or not: look before you repeat a command; what is recorded under an id of yours counts once, however often it is sent",
      cause: error,
    });
  if (BUSY.has(code))
    return new Fault("unavailable", "two requests stood in each other's way", { hint: NOTHING_RECORDED, cause: error });
  if (code === TOO_LONG)
    return new Fault("unavailable", "the database took too long", { hint: NOTHING_RECORDED, cause: error });
  if (/^22[0-9A-Z]{3}$/.test(code))
    return new Fault("invalid", "a value in the request is out of the range that can be kept", {
      hint: "nothing was recorded: look for very large numbers or very old dates",
      cause: error,
    });
  return null;
}
