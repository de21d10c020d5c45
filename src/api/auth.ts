// Finds out who calls, and whether they may: 401 without a good key, 403 without the scope.
import { createMiddleware } from "hono/factory";
import { Fault } from "../domain/fault.ts";
import { type ApiKey, findKey, type Scope, touchKey } from "../store/keys.ts";
import type { ApiDeps } from "./api-deps.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { ApiEnvironment } from "./environment.ts";
import { isSecret, readKey } from "./key-text.ts";

/** How long a revoked key may go on working in another server. */
const TRUSTED_FOR = 2_000;
const KEPT = 1_000;

type StoredKey = ApiKey & { secret_hash: Buffer };

export interface Auth {
  /** Puts the caller into the context, or throws a Fault `unauthenticated`. */
  middleware: ReturnType<typeof createMiddleware<ApiEnvironment>>;
  /** Forgets a key that was revoked here. */
  forget(id: string): void;
}

/** Keys are looked up in the database, and trusted for two seconds. */
export function createAuth({ db, clock }: Pick<ApiDeps, "db" | "clock">): Auth {
  const kept = new Map<string, { at: number; key: StoredKey }>();

  async function lookUp(id: string): Promise<StoredKey | null> {
    const now = clock();
    const held = kept.get(id);
    if (held !== undefined && now >= held.at && now - held.at < TRUSTED_FOR) return held.key;
    kept.delete(id);
    return db.acrossLoops((tx) => findKey(tx, id));
  }

  async function trust(key: StoredKey): Promise<void> {
    if (kept.has(key.id)) return;
    const now = clock();
    await db.acrossLoops((tx) => touchKey(tx, key.id, new Date(now)));
    if (kept.size >= KEPT) for (const oldest of [...kept.keys()].slice(0, KEPT / 2)) kept.delete(oldest);
    kept.set(key.id, { at: now, key });
  }

  async function identify(authorization: string | undefined): Promise<Caller> {
    const given = readKey(/^bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1] ?? "");
    if (given === null)
      throw unauthenticated(authorization === undefined ? "no key was sent" : "what was sent is no key");
    const key = await lookUp(given.id);
    if (key === null || !isSecret(given.secret, key.secret_hash)) throw unauthenticated("there is no such key");
    if (key.revoked_at !== null) throw unauthenticated("the key was revoked");
    if (key.expires_at !== null && key.expires_at.getTime() <= clock()) throw unauthenticated("the key has expired");
    await trust(key);
    return callerOf(key);
  }

  return {
    middleware: createMiddleware<ApiEnvironment>(async (context, next) => {
      context.set("caller", await identify(context.req.header("authorization")));
      await next();
    }),
    forget: (id) => void kept.delete(id),
  };
}

/** Throws a Fault `forbidden` unless the caller has one of these scopes. */
export function requireScope(caller: Caller, scopes: readonly Scope[]): void {
  if (scopes.some((scope) => caller.scopes.has(scope))) return;
  throw new Fault("forbidden", `this needs a key with the scope ${scopes.join(" or ")}`, {
    hint: "ratchet key create makes one; the key that was sent has other scopes",
    details: { needed: scopes, given: [...caller.scopes] },
  });
}

function unauthenticated(why: string): Fault {
  return new Fault("unauthenticated", why, {
    hint: "send the header Authorization: Bearer rk_…; ratchet key create makes a key",
  });
}
