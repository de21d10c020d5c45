// Reads the compose file as `docker compose` does, as far as ours goes: merges, and variables from the environment.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { ROOT } from "../house/sources.ts";

export interface Service {
  image: string;
  build?: string;
  restart?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  stop_grace_period?: string;
}
export interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

export const COMPOSE_TEXT = readFileSync(`${ROOT}temporal-docker-compose.yml`, "utf8");
const VARIABLE = /\$(?:\$|\{(\w+)(?::([?-])([^}]*))?\})/g;

/** The names that must be set, and those that may be. */
export function variablesOf(text: string): { required: Set<string>; optional: Set<string> } {
  const required = new Set<string>();
  const optional = new Set<string>();
  for (const [, name, kind] of text.matchAll(VARIABLE))
    if (name !== undefined) (kind === "?" ? required : optional).add(name);
  return { required, optional };
}

/** The file with variables filled in. Throws when one that must be set is not. */
export function readCompose(env: Readonly<Record<string, string>>): ComposeFile {
  const fill = (text: string) =>
    text.replace(VARIABLE, (found, name?: string, kind?: string, other?: string) => {
      if (name === undefined) return found === "$$" ? "$" : found;
      const value = env[name] ?? "";
      if (value !== "") return value;
      if (kind === "?") throw new Error(`${name} is not set: ${other}`);
      return other ?? "";
    });
  return parse(COMPOSE_TEXT, (_key, value: unknown) => (typeof value === "string" ? fill(value) : value), {
    merge: true,
  }) as ComposeFile;
}
