// Finds the API's address and a key to it: options first, then the environment, then what `npm start` left in its data folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readConfig } from "../config.ts";
import { Fault } from "../domain/fault.ts";

export interface Connection {
  readonly url: string;
  readonly key: string | null;
}

const DEFAULT_URL = "http://127.0.0.1:4400";
const DEFAULT_DATA = ".ratchet";
const left = z.object({ url: z.url(), key: z.string().min(1) });

/**
 * The connection. A key from the data folder goes only to the address that stands beside it, never to another.
 * Throws a Fault ("invalid") when the address or the key cannot be one, or when a named data folder holds none.
 */
export function findConnection(
  options: { url?: string; key?: string; data?: string },
  env?: Record<string, string | undefined>,
): Connection {
  const given = readConfig(env).api;
  const url = options.url ?? given.url;
  const key = options.key ?? given.key;
  const file = url !== null && key !== null ? null : readFolder(options.data);
  const chosen = normal(url ?? file?.url ?? DEFAULT_URL);
  const kept = file !== null && normal(file.url) === chosen ? file.key : null;
  return { url: chosen, key: checked(key ?? kept) };
}

function readFolder(data: string | undefined): z.output<typeof left> | null {
  const path = join(data ?? DEFAULT_DATA, "connection.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (data === undefined && (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new Fault("invalid", `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      hint: "npm start writes it into its data folder; or name the API with --url and --key",
    });
  }
  try {
    return left.parse(JSON.parse(text));
  } catch {
    throw new Fault("invalid", `${path} does not hold an address and a key`, {
      hint: "npm start writes it anew; or name the API with --url and --key",
    });
  }
}

function normal(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new Fault("invalid", `"${url}" is not the address of an API`, { hint: `write it as ${DEFAULT_URL}` });
  return parsed.href.replace(/\/+$/, "");
}

function checked(key: string | null): string | null {
  if (key === null || /^[\x21-\x7e]+$/.test(key)) return key;
  throw new Fault("invalid", "the key holds characters that no key has", {
    hint: "a key is written as rk_…, without spaces",
  });
}
