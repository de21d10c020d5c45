// Loops and their settings: listed, read, and applied as a whole.
import { z } from "@hono/zod-openapi";
import { Fault } from "../domain/fault.ts";
import { parseLoopSettings } from "../domain/loop-settings.ts";
import { refuseBrokenPromises, settingsWarnings } from "../domain/settings-promises.ts";
import { applySettings, findLoop, listLoops, loadLoop, pulseOf } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import { askedBy, endpoint, reason as reasonSchema } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { inputFault } from "./input-fault.ts";
import { pageOf, wholeList } from "./paging.ts";
import { rehearsalMustBeThere } from "./rehearsal.ts";
import { showLoop } from "./show.ts";
import { tell } from "./tell.ts";

/** Settings alone, or inside what GET gives: {"settings": {…}, "reason": "…"}. */
const settingsBody = z.unknown().openapi({ $ref: "#/components/schemas/LoopSettings" } as never);

/** Mounts GET /api/loops, and GET and PUT /api/loops/{loop}. */
export function loopRoutes(api: Api, deps: ApiDeps): void {
  const { db } = deps;
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops",
      summary: "Every loop that this key may see",
      scopes: ["read"],
      loop: "none",
      answer: { status: 200, description: "Loops with their settings, by name", schema: pageOf() },
    },
    async ({ context, caller }) => {
      const bound = caller.loop;
      const loops =
        bound === null
          ? await db.acrossLoops((tx) => listLoops(tx))
          : await db.withLoop(bound, async (tx) => [await findLoop(tx, bound)].filter((loop) => loop !== null));
      return context.json(wholeList(loops.map(showLoop)), 200);
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/loops/{loop}",
      summary: "A loop and its settings",
      scopes: ["read"],
      loop: "path",
      answer: { status: 200, description: "The loop; every default of its settings is written out" },
    },
    async ({ context, loop }) => context.json(showLoop(await db.withLoop(loop, (tx) => loadLoop(tx, loop))), 200),
  );

  endpoint(
    api,
    deps,
    {
      method: "put",
      path: "/api/loops/{loop}",
      summary: "Make a loop, or apply settings to it; what is left out gets its default",
      scopes: ["admin"],
      loop: "new",
      query: z.object({ reason: z.string().optional() }),
      body: settingsBody,
      answer: [
        { status: 200, description: "Applied; `changed` is false when nothing differed" },
        { status: 201, description: "Made" },
      ],
    },
    async ({ context, caller, loop: name, query, body }) => {
      const { settings: given, reason: said } = unwrapped(body);
      const settings = parseLoopSettings(given);
      if (settings.name !== name)
        throw new Fault("invalid", `the settings are those of loop "${settings.name}", and the path names "${name}"`, {
          hint: "a loop's name cannot be changed; nothing was changed",
          details: { param: "name" },
        });
      refuseBrokenPromises(settings);
      const reason = readReason(said ?? query.reason ?? context.req.header("x-ratchet-reason"));
      const at = new Date(deps.clock());
      const applied = await db.withLoop(name, async (tx) => {
        await rehearsalMustBeThere(tx, name, settings.snapshot.rehearsalFile);
        return applySettings(tx, settings, askedBy(caller, reason), at);
      });
      const told = await tell(deps, { command: "loop.apply", loop: name }, (workflows) =>
        workflows.ensurePulse(pulseOf(applied.loop)),
      );
      return context.json(
        {
          ...showLoop(applied.loop),
          created: applied.created,
          changed: applied.changed,
          changes: applied.changes,
          warnings: settingsWarnings(settings),
          told,
        },
        applied.created ? 201 : 200,
      );
    },
  );
}

function unwrapped(body: unknown): { settings: unknown; reason: unknown } {
  if (typeof body === "object" && body !== null && "settings" in body)
    return { settings: body.settings, reason: "reason" in body ? body.reason : undefined };
  return { settings: body, reason: undefined };
}

function readReason(said: unknown): string {
  const parsed = reasonSchema.safeParse(said ?? "applied");
  if (!parsed.success) throw inputFault(parsed.error, "the reason");
  return parsed.data;
}
