// Stands before every route: counts the request and does the damage that the fault plan orders.
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";
import { ApiError } from "./api-error.ts";
import type { Route } from "./fault-document.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { Tally } from "./tally.ts";

export type Environment = { Bindings: HttpBindings };

const REFUSALS = ["429", "429-quota", "400", "401", "403", "500", "503"] as const;

/** Makes the middleware of a route. A delay or a hang comes first, then a cut or a refusal, then the route itself. */
export function guard(faults: FaultPlan, tally: Tally): (route: Route) => MiddlewareHandler<Environment> {
  return (route) => async (context, next) => {
    tally.request(route);
    const pause = faults.take(route, ["delay", "hang"]);
    if (pause !== null && !(await stillThere(context, pause.ms))) return RESPONSE_ALREADY_SENT;
    const cut = faults.take(route, ["reset", "accept-then-reset"]);
    if (cut?.kind === "reset") return cutOff(context);
    const refused = cut === null ? faults.take(route, REFUSALS) : null;
    if (refused !== null) throw refusal(refused);
    tally.handled(route);
    await next();
    if (cut === null) return undefined;
    await context.res.body?.cancel();
    context.res = undefined;
    return cutOff(context);
  };
}

/** Waits `ms`, or for ever; false when the client has gone meanwhile. */
function stillThere(context: Context<Environment>, ms: number | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const { socket } = context.env.incoming;
    const settle = (there: boolean) => {
      clearTimeout(timer);
      socket.off("close", gone);
      resolve(there);
    };
    const gone = () => settle(false);
    const timer = ms === undefined ? undefined : setTimeout(() => settle(true), ms);
    if (socket.destroyed) gone();
    else socket.once("close", gone);
  });
}

function cutOff(context: Context<Environment>): Response {
  context.env.incoming.socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

function refusal(fault: { kind: (typeof REFUSALS)[number]; retryAfterSeconds?: number }): ApiError {
  switch (fault.kind) {
    case "429": {
      const seconds = String(fault.retryAfterSeconds ?? 1);
      const message = `Rate limit reached: try again in ${seconds} s. (a sandbox fault)`;
      return new ApiError(429, message, {
        type: "requests",
        code: "rate_limit_exceeded",
        headers: { "retry-after": seconds },
      });
    }
    case "429-quota": {
      const message = "You exceeded your current quota: check your plan and billing. (a sandbox fault)";
      return new ApiError(429, message, { type: "insufficient_quota", code: "insufficient_quota" });
    }
    case "400":
      return new ApiError(400, "The request is not valid. (a sandbox fault)", { code: "invalid_value" });
    case "401":
      return new ApiError(401, "Incorrect API key provided. (a sandbox fault)", { code: "invalid_api_key" });
    case "403":
      return new ApiError(403, "This is no longer available to your organization. (a sandbox fault)", {
        code: "training_closed",
      });
    case "500":
      return new ApiError(500, "The server had an error. (a sandbox fault)", { type: "server_error" });
    case "503":
      return new ApiError(503, "The server is overloaded. (a sandbox fault)", { type: "service_unavailable_error" });
    default:
      return fault.kind satisfies never;
  }
}
