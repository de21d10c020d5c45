// Takes a server out of service without cutting anybody off: balancers hear of it first, then nobody new gets in, and
// whoever is in is answered.
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createMiddleware } from "hono/factory";
import type { ApiEnvironment } from "./environment.ts";

export interface DrainOptions {
  /** How long /readyz says no while everybody is still served; milliseconds. As long as balancers take to notice. */
  leadMs: number;
  /** How long requests under way may then take; milliseconds. */
  patienceMs: number;
}

/** How often connections that have become idle are looked for. */
const SWEEP_MS = 100;

/** While the server is being stopped, asks each caller to come back on another connection, which a balancer leads elsewhere. */
export function comeBackElsewhere(stopping: AbortSignal) {
  return createMiddleware<ApiEnvironment>(async (context, next) => {
    await next();
    if (stopping.aborted) context.header("connection", "close");
  });
}

/** Stops listening, by and by. Aborts `stopping` at once. Returns how many connections were cut off in the end. */
export async function drain(
  server: Server,
  stopping: AbortController,
  { leadMs, patienceMs }: DrainOptions,
): Promise<number> {
  stopping.abort();
  await sleep(leadMs);
  const closed = new Promise<"closed">((resolve) => server.close(() => resolve("closed")));
  // A connection whose answer began before the stop has not been asked to close: it is closed once it is idle.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const timer = new AbortController();
  const late = sleep(patienceMs, "late" as const, { signal: timer.signal }).catch(() => "late" as const);
  const first = await Promise.race([closed, late]);
  clearInterval(sweep);
  timer.abort();
  if (first === "closed") return 0;
  const left = await new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count ?? 0)));
  server.closeAllConnections();
  await closed;
  return left;
}
