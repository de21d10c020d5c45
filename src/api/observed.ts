// Every request is a span in its caller's trace, is counted, and is timed. Of its path only the route is told: the rest may
// name a person. What asks whether we live, and how we are, is counted but traced by nobody.
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { calledFrom, failed, inSpan, untraced } from "../telemetry/in-span.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { ApiEnvironment } from "./environment.ts";

const UNTRACED = new Set(["/healthz", "/readyz", "/metrics"]);
/** For a path that nothing answers: whatever was asked for would be a label of its own. */
const NO_ROUTE = "none";

/** Mounted before everything else. */
export function observed({ metrics }: Pick<ApiDeps, "metrics">): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const started = performance.now();
    const route = matchedRoutes(context).findLast(({ path }) => !path.includes("*"))?.path ?? NO_ROUTE;
    const { method } = context.req;
    if (UNTRACED.has(route)) await untraced(next);
    else {
      const attributes = { "http.request.method": method, "http.route": route };
      const parent = calledFrom((name) => context.req.header(name));
      await inSpan({ name: `${method} ${route}`, kind: "server", attributes, parent }, async (span) => {
        await next();
        const { status } = context.res;
        span.setAttribute("http.response.status_code", status);
        const loop = context.get("loop");
        if (loop) span.setAttribute("ratchet.loop", loop);
        if (status >= 500) failed(span, String(status));
      });
    }
    metrics.answered({ method, route, status: context.res.status, seconds: (performance.now() - started) / 1000 });
  };
}
