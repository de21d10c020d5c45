// GET /metrics: what this server counts, and what the database says of every loop.
import { createRoute, z } from "@hono/zod-openapi";
import { milliseconds } from "../domain/duration.ts";
import { Fault } from "../domain/fault.ts";
import { readLoopFacts } from "../store/loop-facts.ts";
import { listLoops } from "../store/loops.ts";
import type { Fact } from "../telemetry/facts-text.ts";
import { METRICS_TYPE } from "../telemetry/server-metrics.ts";
import type { ApiDeps } from "./api-deps.ts";
import { type Auth, requireScope } from "./auth.ts";
import type { Api } from "./environment.ts";
import { withPatience } from "./tell.ts";

/** Scrapes of the same moments share one reading. */
const FRESH_FOR = 5_000;
const PATIENCE = 3_000;

/** Mounts GET /metrics, as RATCHET_METRICS says: for everybody, for a key that may read every loop, or not at all. */
export function metricsRoutes(api: Api, deps: ApiDeps, auth: Auth): void {
  if (deps.metricsFor === "nobody") return;
  const { metrics, db } = deps;
  const facts = createFacts(deps);
  if (deps.metricsFor === "keys") api.use("/metrics", auth.middleware);
  const route = createRoute({
    method: "get",
    path: "/metrics",
    summary: "Counters and gauges in Prometheus' text format",
    tags: ["health"],
    responses: { 200: { description: "The page", content: { "text/plain": { schema: z.string() } } } },
  });
  api.openapi(route, async (context) => {
    if (deps.metricsFor === "keys") mayReadAll(context.get("caller"));
    const page = await metrics.page({ facts: await facts(), pool: db.pool() });
    return context.body(page, 200, { "content-type": METRICS_TYPE }) as never;
  });
}

function mayReadAll(caller: Parameters<typeof requireScope>[0]): void {
  requireScope(caller, ["read", "operate", "admin"]);
  if (caller.loop !== null)
    throw new Fault("forbidden", "this page shows every loop, and the key is bound to one", {
      hint: "ratchet key create --scopes read, without --loop, makes one for all",
    });
}

/** What the database says, or null when it does not answer in time. */
function createFacts({ db, clock }: ApiDeps): () => Promise<Fact[] | null> {
  let kept: { at: number; facts: Promise<Fact[] | null> } | null = null;
  let reading: Promise<Fact[]> | null = null; // one at a time: a slow database must not lose a connection to each scrape
  const read = () =>
    db.acrossLoops(async (tx) => {
      const settings = (await listLoops(tx)).flatMap(({ name: loop, settings }): Fact[] => [
        {
          name: "ratchet_pulse_interval_seconds",
          labels: { loop },
          value: milliseconds(settings.schedule.every) / 1000,
        },
        { name: "ratchet_training_budget_usd", labels: { loop }, value: settings.budget.monthlyUsd },
      ]);
      return [...settings, ...((await readLoopFacts(tx, new Date(clock()))) as Fact[])];
    });
  const readOnce = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
  return () => {
    const now = clock();
    if (kept === null || Math.abs(now - kept.at) >= FRESH_FOR)
      kept = { at: now, facts: withPatience(readOnce(), PATIENCE, "the database").catch(() => null) };
    return kept.facts;
  };
}
