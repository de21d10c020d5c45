// Who calls: a key, what it may do, and the one loop it may be bound to.
import type { ApiKey, Scope } from "../store/keys.ts";

export interface Caller {
  id: string;
  name: string;
  /** Null: every loop. */
  loop: string | null;
  scopes: ReadonlySet<Scope>;
  /** How the audit chain names it. */
  actor: string;
}

const IMPLIED: Record<Scope, readonly Scope[]> = {
  serve: ["serve"],
  feedback: ["feedback"],
  read: ["read"],
  operate: ["operate", "read"],
  admin: ["admin", "operate", "read", "feedback", "serve"],
};

/** The caller behind a key; what a scope implies is spelled out. */
export function callerOf(key: Pick<ApiKey, "id" | "name" | "loop" | "scopes">): Caller {
  const scopes = new Set(key.scopes.flatMap((scope) => IMPLIED[scope]));
  return { id: key.id, name: key.name, loop: key.loop, scopes, actor: `key:${key.id} (${key.name})` };
}
