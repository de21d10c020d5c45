// Talks to the HTTP API; every refusal becomes a Fault with the server's own words.
import { z } from "zod";
import { Fault, type FaultCode } from "../domain/fault.ts";
import type { Connection } from "./connection.ts";

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The API's answers as they come, not yet read. Every call throws a Fault. */
export interface ApiClient {
  readonly url: string;
  get(path: string, query?: Query): Promise<unknown>;
  post(path: string, body: unknown, query?: Query): Promise<unknown>;
  put(path: string, body: unknown, query?: Query): Promise<unknown>;
  delete(path: string, body?: unknown, query?: Query): Promise<unknown>;
  /** The body as it arrives, for what may be large, with what the head says of it. */
  download(path: string, query?: Query): Promise<{ head: Headers; body: AsyncIterable<Uint8Array> }>;
  /** Puts a file as it is, read while it is sent. */
  upload(path: string, file: Blob, type: string, query?: Query): Promise<unknown>;
}

const TIMEOUT = 60_000;
const UPLOAD_TIMEOUT = 600_000;
const BY_STATUS: Readonly<Record<number, FaultCode>> = {
  401: "unauthenticated",
  402: "over_budget",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "too_large",
  502: "upstream",
  503: "unavailable",
};
const problem = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
});

/** A client for one address and key. Nothing is sent before the first call, and nothing is ever sent twice. */
export function createApiClient({ url, key }: Connection): ApiClient {
  async function send(
    method: string,
    path: string,
    query: Query = {},
    body?: Body,
    timeout?: number,
  ): Promise<Response> {
    const target = new URL(`${url}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const headers: Record<string, string> = { accept: "application/json, application/x-ndjson, */*;q=0.1" };
    if (key !== null) headers.authorization = `Bearer ${key}`;
    if (body !== undefined) headers["content-type"] = body.type;
    const response = await fetch(target, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body.content }),
      ...(timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }),
    }).catch((error: unknown) => {
      throw noAnswer(url, error, timeout);
    });
    if (!response.ok) throw refusal(url, response.status, await response.text().catch(() => ""), key !== null);
    return response;
  }
  async function ask(method: string, path: string, query?: Query, body?: Body, timeout = TIMEOUT): Promise<unknown> {
    const response = await send(method, path, query, body, timeout);
    const text = await response.text().catch((error: unknown) => {
      throw noAnswer(url, error, timeout);
    });
    if (text === "") return {};
    try {
      return JSON.parse(text);
    } catch {
      throw foreign(url);
    }
  }
  return {
    url,
    get: (path, query) => ask("GET", path, query),
    post: (path, body, query) => ask("POST", path, query, asJson(body)),
    put: (path, body, query) => ask("PUT", path, query, asJson(body)),
    delete: (path, body, query) => ask("DELETE", path, query, asJson(body)),
    async download(path, query) {
      const { headers, body } = await send("GET", path, query);
      return { head: headers, body: (body ?? []) as AsyncIterable<Uint8Array> };
    },
    upload: (path, content, type, query) => ask("PUT", path, query, { type, content }, UPLOAD_TIMEOUT),
  };
}

interface Body {
  readonly type: string;
  readonly content: string | Blob;
}

function asJson(body: unknown): Body | undefined {
  return body === undefined ? undefined : { type: "application/json", content: JSON.stringify(body) };
}

/** Reads an answer by its shape. Throws a Fault when the server speaks otherwise than this version understands. */
export function read<Shape extends z.ZodType>(shape: Shape, document: unknown): z.output<Shape> {
  const parsed = shape.safeParse(document);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new Fault("upstream", `the server's answer is not understood (at "${place}")`, {
    hint: "is the server of the same version as this command? --json shows what it says",
  });
}

function refusal(url: string, status: number, text: string, hasKey: boolean): Fault {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return foreign(url, status);
  }
  const parsed = problem.safeParse(document);
  if (!parsed.success) return foreign(url, status);
  const { type: _type, status: _status, code: _code, title, detail, hint, ...details } = parsed.data;
  const code = BY_STATUS[status] ?? (status < 500 ? "invalid" : "upstream");
  const next = status === 401 && !hasKey ? "npm start prints a key: give it with --key or RATCHET_KEY" : hint;
  return new Fault(code, detail ?? title ?? `the server answered ${status}`, {
    details,
    ...(next === undefined ? {} : { hint: next }),
  });
}

function foreign(url: string, status?: number): Fault {
  return new Fault(
    "upstream",
    `what answers at ${url} is not Ratchet's API${status === undefined ? "" : ` (status ${status})`}`,
    {
      hint: "is the address right? name it with --url or RATCHET_URL",
    },
  );
}

function noAnswer(url: string, error: unknown, timeout = TIMEOUT): Fault {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return new Fault("unavailable", `${url} did not answer within ${timeout / 1000} seconds`, {
      hint: "it may have been done all the same: see ratchet status and the server's log before you try again",
      cause: error,
    });
  const cause = error instanceof Error ? (error.cause as { code?: string; message?: string } | undefined) : undefined;
  return new Fault("unavailable", `nothing answers at ${url} (${cause?.code ?? cause?.message ?? "no connection"})`, {
    hint: "start it with npm start, or say where it is with --url or RATCHET_URL",
    cause: error,
  });
}
