// Declares a route once: what it is called, who may, what goes in and what comes out. /openapi.json and the checks
// come from the same declaration.
import { createRoute, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { Asked } from "../domain/experiment.ts";
import { Fault } from "../domain/fault.ts";
import type { Scope } from "../store/keys.ts";
import type { ApiDeps } from "./api-deps.ts";
import { requireScope } from "./auth.ts";
import type { Caller } from "./caller.ts";
import type { Api, ApiEnvironment } from "./environment.ts";
import { inputFault } from "./input-fault.ts";
import { type LoopPlace, loopOfRequest } from "./loop-of-request.ts";

type NoQuery = z.ZodObject<Record<never, never>>;

export interface Endpoint<Query extends z.ZodType, Body extends z.ZodType> {
  method: "get" | "post" | "put" | "delete";
  /** As "/api/loops/{loop}/cycles"; several paths lead to the same place. */
  path: string | readonly string[];
  summary: string;
  /** One of these is enough. */
  scopes: readonly Scope[];
  loop: LoopPlace;
  query?: Query;
  body?: Body;
  /** The body may be left out. */
  optionalBody?: boolean;
  /** The content type of a body that the handler reads itself, as a file. */
  rawBody?: string;
  answer: Answer | readonly Answer[];
}

export interface Answer {
  status: 200 | 201 | 202 | 304;
  description: string;
  schema?: z.ZodType;
  /** application/json unless told. */
  type?: string;
}

/** What a handler gets: parsed, allowed, and about a loop that is there. */
export interface Call<Query, Body> {
  context: Context<ApiEnvironment>;
  caller: Caller;
  /** "" where the route is about no loop. */
  loop: string;
  query: Query;
  body: Body;
  param(name: string): string;
}

/** Mounts a route on the API. */
export function endpoint<Query extends z.ZodType = NoQuery, Body extends z.ZodType = z.ZodUndefined>(
  api: Api,
  deps: ApiDeps,
  declared: Endpoint<Query, Body>,
  handle: (call: Call<z.output<Query>, z.output<Body>>) => Promise<Response>,
): void {
  const { method, summary, scopes, loop: place, query, body, rawBody } = declared;
  const answers = Array.isArray(declared.answer) ? declared.answer : [declared.answer as Answer];
  const bodyIsOptional = declared.optionalBody === true;
  for (const path of typeof declared.path === "string" ? [declared.path] : declared.path) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
    const named = place === "query" || place === "cycle" || place === "experiment" || place === "snapshot";
    const loopQuery = named && !names.includes("loop") ? z.object({ loop: z.string().optional() }) : null;
    const queries = query === undefined ? loopQuery : loopQuery === null ? query : withLoop(query, loopQuery);
    const route = createRoute({
      method,
      path,
      summary,
      tags: [path.split("/")[path.startsWith("/v1") ? 1 : 2] ?? ""],
      security: [{ key: [] }],
      "x-ratchet-scopes": scopes,
      middleware: [guard(deps, scopes, place), ...(body !== undefined && !bodyIsOptional ? [bodyNeeded] : [])],
      request: {
        ...(names.length === 0
          ? {}
          : { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
        ...(queries === null ? {} : { query: queries as z.ZodObject }),
        ...(body === undefined
          ? {}
          : { body: { required: !bodyIsOptional, content: { "application/json": { schema: body } } } }),
        ...(rawBody === undefined ? {} : { body: { required: true, content: { [rawBody]: { schema: z.string() } } } }),
      },
      responses: Object.fromEntries([...answers.map(describeAnswer), ["default", failureOf(path)]]),
    } as Parameters<typeof createRoute>[0]);
    const handler = (context: Context<ApiEnvironment>) =>
      handle({
        context,
        caller: context.get("caller"),
        loop: context.get("loop"),
        query: (queries === null ? {} : context.req.valid("query" as never)) as z.output<Query>,
        body: (body === undefined ? undefined : context.req.valid("json" as never)) as z.output<Body>,
        param: (name) => context.req.param(name) ?? "",
      });
    api.openapi(route, handler as never, (result) => {
      if (!result.success) throw inputFault(result.error, WHAT[result.target as keyof typeof WHAT] ?? "the request");
    });
  }
}

/** Who asks and why, for the audit chain. */
export function askedBy(caller: Caller, reason: string): Asked {
  return { actor: caller.actor, reason };
}

/** The reason that every command carries. */
export const reason = z
  .string({ error: 'is missing: say why, as {"reason": "…"}' })
  .trim()
  .min(1, 'is empty: say why, as {"reason": "…"}')
  .max(1000);

const WHAT = { json: "the body", query: "the query", param: "the path" };

function withLoop(query: z.ZodType, loop: z.ZodObject): z.ZodType {
  return query instanceof z.ZodObject ? query.extend(loop.shape) : query;
}

function guard(deps: ApiDeps, scopes: readonly Scope[], place: LoopPlace): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const caller = context.get("caller");
    requireScope(caller, scopes);
    const { req } = context;
    const said = { path: req.param("loop"), query: req.query("loop"), id: req.param("id") };
    const inPath = said.path !== undefined && place !== "none" && place !== "new";
    context.set("loop", place === "none" ? "" : await loopOfRequest(deps, caller, inPath ? "path" : place, said));
    await next();
  };
}

const bodyNeeded: MiddlewareHandler = async ({ req }, next) => {
  if ((await req.text()).trim() === "")
    throw new Fault("invalid", "the request has no body", { hint: "send one JSON document; nothing was changed" });
  await next();
};

function describeAnswer({ status, description, schema, type = "application/json" }: Answer): [string, unknown] {
  const content =
    status === 304
      ? {}
      : { content: { [type]: { schema: schema ?? (type === "application/json" ? z.looseObject({}) : z.string()) } } };
  return [String(status), { description, ...content }];
}

function failureOf(path: string): unknown {
  if (path.startsWith("/v1"))
    return {
      description: "An error in OpenAI's shape",
      content: { "application/json": { schema: { $ref: "#/components/schemas/OpenAIError" } } },
    };
  return {
    description: "Problem details (RFC 9457)",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}
