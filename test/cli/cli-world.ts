// The real API on a port of its own, and the command line against it as an administrator.
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type ApiWorld, openApiWorld } from "../api/api-world.ts";
import { type Ran, runRatchet } from "./run-ratchet.ts";

export interface CliWorld {
  readonly api: ApiWorld;
  readonly url: string;
  /** Runs a command; with `key` left out, as an administrator of every loop. */
  ratchet(args: readonly string[], options?: { key?: string; env?: Record<string, string> }): Promise<Ran>;
  close(): Promise<void>;
}

export async function openCliWorld(): Promise<CliWorld> {
  const api = await openApiWorld();
  const admin = await api.key(["admin"]);
  const server = serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => pass(api, request) });
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api,
    url,
    ratchet: (args, { key = admin, env = {} } = {}) =>
      runRatchet(args, { env: { RATCHET_URL: url, RATCHET_KEY: key, ...env } }),
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await api.close();
    },
  };
}

async function pass(api: ApiWorld, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const key = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
  const raw = await request.text();
  const { status, headers, text } = await api.ask(request.method, `${pathname}${search}`, {
    key,
    ...(raw === "" ? {} : { raw }),
  });
  return new Response(text, { status, headers });
}
