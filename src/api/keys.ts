// API keys: made, listed and revoked by administrators. The key itself is shown once.
import { z } from "@hono/zod-openapi";
import { durationFault, milliseconds } from "../domain/duration.ts";
import { Fault } from "../domain/fault.ts";
import { EVERY_LOOP, recordAudit } from "../store/audit.ts";
import { addKey, findKey, listKeys, revokeKey, scope } from "../store/keys.ts";
import { findLoop } from "../store/loops.ts";
import type { ApiDeps } from "./api-deps.ts";
import type { Auth } from "./auth.ts";
import type { Caller } from "./caller.ts";
import { askedBy, endpoint, reason } from "./endpoint.ts";
import type { Api } from "./environment.ts";
import { makeKey } from "./key-text.ts";
import { noLoop } from "./loop-of-request.ts";
import { pageOf, wholeList } from "./paging.ts";

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(scope).min(1),
  loop: z.string().nullish().describe("null or left out: as wide as the key that asks"),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
  expires_in: z.string().optional().describe('as "30 days"'),
  reason: reason.default("made by an administrator"),
});

/** Mounts GET and POST /api/keys, and DELETE /api/keys/{id}. */
export function keyRoutes(api: Api, deps: ApiDeps, auth: Auth): void {
  const { db } = deps;
  endpoint(
    api,
    deps,
    {
      method: "get",
      path: "/api/keys",
      summary: "Keys, the newest first; never their secrets",
      scopes: ["admin"],
      loop: "none",
      answer: { status: 200, description: "Every key of the caller's loop, or of all", schema: pageOf() },
    },
    async ({ context, caller }) =>
      context.json(wholeList(await db.acrossLoops((tx) => listKeys(tx, caller.loop))), 200),
  );

  endpoint(
    api,
    deps,
    {
      method: "post",
      path: "/api/keys",
      summary: "Make a key",
      scopes: ["admin"],
      loop: "none",
      body: newKey,
      answer: { status: 201, description: "The key, shown this once" },
    },
    async ({ context, caller, body }) => {
      const loop = loopOfKey(caller, body.loop);
      const made = makeKey();
      const at = new Date(deps.clock());
      const expiresAt = expiryOf(body, at);
      const { name, scopes } = body;
      await db.acrossLoops(async (tx) => {
        if (loop !== null && (await findLoop(tx, loop)) === null) throw noLoop(loop);
        await addKey(tx, {
          id: made.id,
          loop,
          name,
          scopes,
          secretHash: made.secretHash,
          createdBy: caller.actor,
          expiresAt,
          at,
        });
        const payload = { name, scopes, loop };
        await recordAudit(tx, {
          loop: loop ?? EVERY_LOOP,
          at,
          ...askedBy(caller, body.reason),
          action: "key.create",
          subject: `key/${made.id}`,
          payload,
        });
      });
      return context.json(
        { id: made.id, key: made.text, name, scopes, loop, created_at: at, expires_at: expiresAt },
        201,
      );
    },
  );

  endpoint(
    api,
    deps,
    {
      method: "delete",
      path: "/api/keys/{id}",
      summary: "Revoke a key; other servers follow within two seconds",
      scopes: ["admin"],
      loop: "none",
      body: z.strictObject({ reason }),
      answer: { status: 200, description: "Revoked" },
    },
    async ({ context, caller, body, param }) => {
      const id = param("id");
      const at = new Date(deps.clock());
      await db.acrossLoops(async (tx) => {
        const key = await findKey(tx, id);
        if (key === null || (caller.loop !== null && key.loop !== caller.loop))
          throw new Fault("not_found", `there is no key "${id}"`, { hint: "ratchet key list shows them" });
        if (!(await revokeKey(tx, id, caller.loop, at)))
          throw new Fault("conflict", `key ${id} was revoked already`, { details: { when: key.revoked_at } });
        await recordAudit(tx, {
          loop: key.loop ?? EVERY_LOOP,
          at,
          ...askedBy(caller, body.reason),
          action: "key.revoke",
          subject: `key/${id}`,
        });
      });
      auth.forget(id);
      return context.json({ id, revoked_at: at }, 200);
    },
  );
}

/** A key that is bound to a loop makes keys of that loop and no others. */
function loopOfKey(caller: Caller, wanted: string | null | undefined): string | null {
  if (caller.loop !== null && wanted != null && wanted !== caller.loop) throw noLoop(wanted);
  return wanted ?? caller.loop;
}

function expiryOf(body: z.output<typeof newKey>, now: Date): Date | null {
  if (body.expires_in === undefined) return body.expires_at == null ? null : new Date(body.expires_at);
  const fault = durationFault(body.expires_in);
  if (fault !== null) throw new Fault("invalid", `"expires_in": ${fault}`, { details: { param: "expires_in" } });
  return new Date(now.getTime() + milliseconds(body.expires_in));
}
