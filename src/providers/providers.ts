// Where models answer: one OpenAI client per provider and address.
import OpenAI from "openai";
import { Fault } from "../domain/fault.ts";
import type { ProviderSettings } from "../domain/provider-settings.ts";

/** What answers: a provider, its address when it is not the usual one, and its name for the model. */
export interface ModelAddress {
  provider: "openai-wire" | "sandbox";
  baseURL: string | null;
  model: string;
}

export interface Providers {
  /** A client for an address. It does not retry by itself: whoever calls knows whether that is safe. */
  client(address: Pick<ModelAddress, "provider" | "baseURL">): OpenAI;
}

/** Providers by settings. Throws a Fault that names the variable when one is not configured. */
export function createProviders(settings: ProviderSettings): Providers {
  const clients = new Map<string, OpenAI>();
  return {
    client({ provider, baseURL }) {
      const key = `${provider} ${baseURL}`;
      const held = clients.get(key);
      if (held !== undefined) return held;
      const made = new OpenAI({ ...access(settings, provider, baseURL), maxRetries: 0, timeout: 60_000 });
      clients.set(key, made);
      return made;
    },
  };
}

function access(
  settings: ProviderSettings,
  provider: ModelAddress["provider"],
  baseURL: string | null,
): { baseURL: string | null; apiKey: string } {
  if (provider === "sandbox") {
    const url = baseURL ?? settings.sandbox.baseURL;
    if (url === null)
      throw new Fault("unavailable", "the sandbox model server is not running", {
        hint: "npm start runs it when no provider is configured; elsewhere set RATCHET_SANDBOX_URL, or choose another provider in the loop's settings",
      });
    return { baseURL: url, apiKey: "sandbox" };
  }
  const { apiKey } = settings["openai-wire"];
  if (apiKey === null)
    throw new Fault("unavailable", "the provider openai-wire has no key", {
      hint: "set OPENAI_API_KEY (and OPENAI_BASE_URL when it is not OpenAI)",
    });
  return { baseURL: baseURL ?? settings["openai-wire"].baseURL, apiKey };
}
