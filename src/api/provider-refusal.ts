// What a provider's refusal becomes for the caller: its own status where the request was at fault or came too fast;
// 502 where the fault lies between us and the provider, which the caller can do nothing about.
import { APIConnectionError, APIError, APIUserAbortError } from "openai";
import type { OpenAIError } from "./errors.ts";

export interface Refusal {
  status: number;
  headers: Record<string, string>;
  error: OpenAIError;
}

/** Our key, our rights and our model's name at the provider: nothing that the caller said. */
const OURS = new Set([401, 403, 404]);

/** Reads an error of the OpenAI client; null when it is none. */
export function providerRefusal(error: unknown): Refusal | null {
  if (error instanceof APIUserAbortError)
    return {
      status: 499,
      headers: {},
      error: { message: "the caller hung up", type: "invalid_request_error", param: null, code: "hung_up" },
    };
  if (error instanceof APIConnectionError) return ourSide("the provider did not answer", "provider_unreachable");
  if (!(error instanceof APIError) || typeof error.status !== "number") return null;
  const { status } = error;
  if (OURS.has(status))
    return ourSide(`the provider refuses what this loop is set up with (${status})`, "provider_refused");
  if (status >= 500 && status !== 503) return ourSide(`the provider failed (${status})`, "provider_failed");
  const retryAfter = error.headers?.get("retry-after");
  return {
    status,
    headers: retryAfter == null ? {} : { "retry-after": retryAfter },
    error: {
      message: messageOf(error) ?? `the provider answered ${status}`,
      type: error.type ?? (status >= 500 ? "server_error" : "invalid_request_error"),
      param: error.param ?? null,
      code: error.code ?? null,
    },
  };
}

function ourSide(message: string, code: string): Refusal {
  return { status: 502, headers: {}, error: { message, type: "server_error", param: null, code } };
}

function messageOf(error: { error: unknown }): string | null {
  const body = error.error;
  return typeof body === "object" && body !== null && "message" in body && typeof body.message === "string"
    ? body.message
    : null;
}
