// Whether the server lives, and whether it can work. Without Temporal it serves and records, and says what is missing.
import { createRoute, z } from "@hono/zod-openapi";
import { Fault } from "../domain/fault.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { Api } from "./environment.ts";
import { withPatience } from "./tell.ts";

const PATIENCE = 3_000;

interface Missing {
  name: "database" | "temporal";
  why: string;
  hint: string | undefined;
}

/** Mounts GET /healthz and /readyz, which need no key. */
export function healthRoutes(api: Api, deps: ApiDeps): void {
  const alive = open("/healthz", "The server lives", "Alive");
  api.openapi(alive, (context) => context.json({ status: "ok" }, 200));
  const ready = open(
    "/readyz",
    "The server can work; names what is missing",
    "Ready, or degraded: it serves and records, and workflows wait",
  );
  api.openapi(ready, async (context) => {
    if (deps.stopping.aborted)
      throw new Fault("unavailable", "this server is being stopped", {
        hint: "send requests to another; what is under way here is still answered",
        details: { missing: [] },
      });
    const missing = (
      await Promise.all([
        missingIf("database", () => deps.db.ping()),
        missingIf("temporal", () => deps.workflows.state("readyz")),
      ])
    ).filter((one) => one !== null);
    if (missing.some(({ name }) => name === "database"))
      throw new Fault("unavailable", missing.map(({ name, why }) => `${name}: ${why}`).join("; "), {
        ...(missing[0]?.hint === undefined ? {} : { hint: missing[0].hint }),
        details: { missing: missing.map(({ name }) => name) },
      });
    if (missing.length > 0)
      return context.json({
        status: "degraded",
        missing: missing.map(({ name }) => name),
        why: missing.map(({ why }) => why),
      });
    return context.json({ status: "ready", missing: [] });
  });
}

function open(path: string, summary: string, description: string) {
  const content = { "application/json": { schema: z.looseObject({ status: z.string() }) } };
  return createRoute({ method: "get", path, summary, tags: ["health"], responses: { 200: { description, content } } });
}

async function missingIf(name: Missing["name"], ask: () => Promise<unknown>): Promise<Missing | null> {
  try {
    await withPatience(ask(), PATIENCE);
    return null;
  } catch (error) {
    const known = error instanceof Fault;
    return {
      name,
      why: known ? error.message : "it does not answer as expected",
      hint: known ? error.hint : undefined,
    };
  }
}
