// Do the places answer where models are asked?
import type { Config } from "../../config.ts";
import { readProviderError } from "../../providers/provider-error.ts";
import { createProviders, type ModelAddress } from "../../providers/providers.ts";
import { type Check, good, unused, wrong } from "./check.ts";
import { guarded } from "./guarded.ts";

const PATIENCE = 15_000;

/** One check per configured provider; `loops` adds the addresses that loops' settings name. */
export function checkProviders(
  { providers }: Config,
  loops: readonly Pick<ModelAddress, "provider" | "baseURL">[],
): Promise<Check>[] {
  const { client } = createProviders(providers);
  const configured = {
    "openai-wire": providers["openai-wire"].apiKey !== null,
    sandbox: providers.sandbox.baseURL !== null,
  };
  const named = loops.filter(
    (loop) => loop.baseURL !== null && (loop.provider === "sandbox" || configured[loop.provider]),
  );
  const checks = (["openai-wire", "sandbox"] as const).map((provider) =>
    configured[provider]
      ? reach({ provider, baseURL: null })
      : Promise.resolve(unused(nameOf({ provider, baseURL: null }), NOT_CONFIGURED[provider])),
  );
  const addresses = [...new Map(named.map((address) => [nameOf(address), address])).values()];
  return [...checks, ...addresses.map(reach)];

  function reach(address: Pick<ModelAddress, "provider" | "baseURL">): Promise<Check> {
    const name = nameOf(address);
    return guarded(name, async () => {
      const asked = client(address);
      try {
        const { data } = await asked.models.list({ timeout: PATIENCE });
        return good(name, `answers at ${asked.baseURL}, with ${data.length} ${data.length === 1 ? "model" : "models"}`);
      } catch (error) {
        const fault = readProviderError(error);
        if (fault.kind === "final" && fault.status === 404)
          return good(name, `answers at ${asked.baseURL}; it does not list its models`);
        return wrong(name, `${asked.baseURL}: ${fault.message}`, hintFor(fault, address.provider));
      }
    });
  }
}

const NOT_CONFIGURED = {
  "openai-wire": "OPENAI_API_KEY is not set",
  sandbox: "RATCHET_SANDBOX_URL is not set: npm start runs its own when no provider is configured",
};

function nameOf({ provider, baseURL }: Pick<ModelAddress, "provider" | "baseURL">): string {
  return `provider ${provider}${baseURL === null ? "" : ` at ${baseURL}`}`;
}

function hintFor(fault: ReturnType<typeof readProviderError>, provider: ModelAddress["provider"]): string {
  if (fault.kind === "wait") return "it is busy: try again later";
  if (fault.kind === "final" && (fault.status === 401 || fault.status === 403))
    return "is OPENAI_API_KEY the key of this provider?";
  return provider === "sandbox"
    ? "is it running? npm start runs it"
    : "is OPENAI_BASE_URL right, and may this machine reach it?";
}
