// What a provider's refusal means for us: wait, give up, or do not know whether it happened.
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError, OpenAIError } from "openai";

export type ProviderFault =
  /** Wait this long and ask again (milliseconds; null: it did not say). */
  | { kind: "wait"; afterMs: number | null; message: string }
  /** Asking again will not help. */
  | { kind: "final"; status: number; code: string | null; message: string }
  /** Time-out, reset or a server error: it may have happened. */
  | { kind: "ambiguous"; message: string }
  /** Nothing has happened: it never left. */
  | { kind: "unsent"; message: string };

/** What was to be sent has not left, for certain: whoever throws this had not begun to send. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** Whether an error came from a provider's client: its text may quote what was sent. */
export function isProviderError(error: unknown): boolean {
  return error instanceof OpenAIError;
}

/** What came of a request that only asks: when that is not clear, nothing has happened all the same. */
export function readLookError(error: unknown): ProviderFault {
  const fault = readProviderError(error);
  return fault.kind === "ambiguous" ? { kind: "unsent", message: fault.message } : fault;
}

/** Reads an error of the OpenAI client. The message carries no key and no text of a person. */
export function readProviderError(error: unknown): ProviderFault {
  if (error instanceof NotSent) return { kind: "unsent", message: error.message };
  if (error instanceof APIConnectionError) return { kind: "ambiguous", message: error.message };
  if (error instanceof APIError && typeof error.status === "number") {
    const code = typeof error.code === "string" ? error.code : null;
    const message = `${error.status}${code === null ? "" : ` ${code}`}`;
    if (error.status === 429 && code === "insufficient_quota") return { kind: "final", status: 429, code, message };
    if (error.status === 429 || error.status === 503)
      return { kind: "wait", afterMs: retryAfter(error.headers), message };
    if (error.status >= 500 || error.status === 408 || error.status === 409) return { kind: "ambiguous", message };
    return { kind: "final", status: error.status, code, message };
  }
  return { kind: "ambiguous", message: error instanceof Error ? error.message : String(error) };
}

/** The class of an error as traces and metrics name it: an HTTP status, else a word. Few values, and no text. */
export function providerErrorType(error: unknown): string {
  if (error instanceof APIUserAbortError) return "cancelled";
  if (error instanceof APIConnectionTimeoutError) return "timeout";
  if (error instanceof APIConnectionError) return "connection";
  if (error instanceof APIError && typeof error.status === "number") return String(error.status);
  return error instanceof Error ? error.name : "unknown";
}

/** Milliseconds from Retry-After: seconds, or a date. The SDK ignores waits over a minute; we do not. */
function retryAfter(headers: Headers | undefined): number | null {
  const text = headers?.get("retry-after") ?? null;
  if (text === null) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
