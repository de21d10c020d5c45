// The one place where errors become HTTP: problem details (RFC 9457) under /api, OpenAI's error object under /v1.
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { Fault, type FaultCode } from "../domain/fault.ts";
import { newId } from "../domain/id.ts";
import type { Log } from "../log.ts";
import { databaseFault } from "./database-fault.ts";

const KNOWN: Record<FaultCode, { status: ContentfulStatusCode; title: string }> = {
  invalid: { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "A key is needed" },
  over_budget: { status: 402, title: "The budget does not allow it" },
  forbidden: { status: 403, title: "This key may not do that" },
  not_found: { status: 404, title: "There is no such thing" },
  conflict: { status: 409, title: "Something else stands in the way" },
  too_large: { status: 413, title: "The request is too large" },
  upstream: { status: 502, title: "The provider failed" },
  unavailable: { status: 503, title: "Something that this needs is not there" },
};

/** OpenAI's error object. */
export interface OpenAIError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** Answers an error. What nobody foresaw is logged under an id, and the caller learns the id and nothing else. */
export async function answerError(context: Context, error: unknown, log: Log): Promise<Response> {
  const known = error instanceof Fault ? error : (databaseFault(error) ?? (await protocolFault(context, error)));
  if (known !== null) return answerFault(context, known);
  const id = newId();
  log.error({ event: "request_failed", id, method: context.req.method, path: context.req.path, error: stackOf(error) });
  const message = `something went wrong on our side; it is in the log as ${id}`;
  if (isServing(context))
    return context.json({ error: { message, type: "server_error", param: null, code: "internal" } }, 500);
  return problem(context, 500, {
    type: "urn:ratchet:problem:internal",
    title: "Something went wrong on our side",
    status: 500,
    detail: message,
    code: "internal",
    instance: `urn:uuid:${id}`,
  });
}

/** Answers a foreseen fault in the shape of the route's family. */
export function answerFault(context: Context, fault: Fault): Response {
  const { status, title } = KNOWN[fault.code];
  if (fault.code === "unauthenticated") context.header("www-authenticate", 'Bearer realm="ratchet"');
  if (fault.code === "too_large") context.header("connection", "close"); // the rest of the body is not read
  if (isServing(context)) return context.json({ error: openAIError(fault, status) }, status);
  const standard = {
    type: `urn:ratchet:problem:${fault.code}`,
    title,
    status,
    detail: fault.message,
    code: fault.code,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
  };
  return problem(context, status, { ...standard, ...fault.details, ...standard });
}

/** For a path that nothing answers. */
export function unknownRoute(context: Context): Response {
  return answerFault(
    context,
    new Fault("not_found", `nothing answers ${context.req.method} ${context.req.path}`, {
      hint: "GET /openapi.json lists every route",
    }),
  );
}

function isServing(context: Context): boolean {
  return context.req.path.startsWith("/v1/");
}

function problem(context: Context, status: ContentfulStatusCode, document: Record<string, unknown>): Response {
  return context.body(JSON.stringify(document), status, { "content-type": "application/problem+json" });
}

function openAIError(fault: Fault, status: number): OpenAIError {
  const {
    param,
    openai_code: code,
    faults,
  } = fault.details as { param?: string; openai_code?: string; faults?: { place: string }[] };
  const usual = { unauthenticated: "invalid_api_key", forbidden: "insufficient_permissions" } as Partial<
    Record<FaultCode, string>
  >;
  return {
    message: fault.hint === undefined ? fault.message : `${fault.message} (${fault.hint})`,
    type: status >= 500 ? "server_error" : "invalid_request_error",
    param: param ?? (faults?.[0]?.place || null),
    code: code ?? usual[fault.code] ?? fault.code,
  };
}

/** The framework's own refusals: in practice, a body that is not JSON. */
async function protocolFault(context: Context, error: unknown): Promise<Fault | null> {
  if (!(error instanceof HTTPException) || error.status >= 500) return null;
  const broken = error.status === 400 ? jsonFault(await context.req.text()) : null;
  const why = broken === null ? error.message : `the body is not JSON${broken}`;
  return new Fault("invalid", why, {
    hint: "send one JSON document; nothing was changed",
  });
}

/** Where a text stops being JSON, as far as the parser says; null when it is JSON. The text itself is not repeated. */
function jsonFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const place = /position \d+( \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    return place === undefined ? "" : `: it stops making sense at ${place}`;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
