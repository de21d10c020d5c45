// Whether the server lives, and whether it can work. Without Temporal, its files or a provider it serves and records what it
// can, and says what is missing and what to do about it.
import { createRoute, z } from "@hono/zod-openapi";
import { Fault } from "../domain/fault.ts";
import { providersInUse } from "../store/providers-in-use.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { Api } from "./environment.ts";
import { withPatience } from "./tell.ts";

const PATIENCE = 3_000;
const TEMPORAL_AWAY =
  "is the Temporal server running, and does TEMPORAL_ADDRESS point at it? Until it is back nothing starts and nobody looks";

interface Missing {
  /** "database", "temporal", "artifacts", "provider sandbox". */
  name: string;
  why: string;
  /** What to do about it. */
  hint: string;
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
    const missing = await missingOf(deps);
    const said = {
      missing: missing.map(({ name }) => name),
      why: missing.map(({ name, why }) => `${name}: ${why}`),
      todo: missing.map(({ hint }) => hint),
    };
    if (said.missing.includes("database"))
      throw new Fault("unavailable", said.why.join("; "), { hint: said.todo[0]!, details: said });
    return context.json(missing.length > 0 ? { status: "degraded", ...said } : { status: "ready", missing: [] });
  });
}

function open(path: string, summary: string, description: string) {
  const content = { "application/json": { schema: z.looseObject({ status: z.string() }) } };
  return createRoute({ method: "get", path, summary, tags: ["health"], responses: { 200: { description, content } } });
}

async function missingOf(deps: ApiDeps): Promise<Missing[]> {
  const { db } = deps;
  const found = await Promise.all([
    missingIf("database", "the database", () => db.ping()),
    missingIf("temporal", "Temporal", () => deps.workflows.see("readyz"), TEMPORAL_AWAY),
    missingIf("artifacts", "the artifact store", () => deps.artifacts.check()),
  ]);
  const missing = found.filter((one) => one !== null);
  return missing.some(({ name }) => name === "database") ? missing : [...missing, ...(await unconfigured(deps))];
}

/** Providers that models in use need and nobody configured. They are not asked: that may cost money, and `ratchet doctor` does it. */
async function unconfigured({ db, serving }: ApiDeps): Promise<Missing[]> {
  const used = await withPatience(db.acrossLoops(providersInUse), PATIENCE, "the database").catch(() => []);
  const found = await Promise.all(
    used.map((address) =>
      missingIf(`provider ${address.provider}`, address.provider, async () => serving.providers.client(address)),
    ),
  );
  return [...new Map(found.filter((one) => one !== null).map((one) => [one.name, one])).values()];
}

async function missingIf(
  name: string,
  who: string,
  ask: () => Promise<unknown>,
  hint?: string,
): Promise<Missing | null> {
  try {
    await withPatience(ask(), PATIENCE, who);
    return null;
  } catch (error) {
    const known = error instanceof Fault;
    return {
      name,
      why: known ? error.message : "it does not answer as expected",
      hint: hint ?? (known ? error.hint : undefined) ?? `is ${who} running, and reachable from here?`,
    };
  }
}
