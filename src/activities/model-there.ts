// Whether a provider still has a model: asked before each look, since a model that is gone proves nothing any more.
import { Context } from "@temporalio/activity";
import { type ProviderFault, readProviderError } from "../providers/provider-error.ts";
import type { ModelAddress, Providers } from "../providers/providers.ts";

const TIMEOUT = 5_000;
const TIMES = 3;
const APART = 2_000;
const NOT_FOUND = 404;

/**
 * Why a model is taken as gone, or null. Only a provider that says so three times, does not list the model though it lists
 * others, and does not let it answer either, is believed: some do not know the route, some answer for models that they do
 * not list, and everything else may pass. `apart`: milliseconds between the times. Never throws, unless it is cancelled.
 */
export async function whyGone(providers: Providers, address: ModelAddress, apart = APART): Promise<string | null> {
  for (let time = 1; ; time++) {
    const fault = await refusal(async () => providers.client(address).models.retrieve(address.model, options()));
    if (!saysNotFound(fault)) return null;
    if (time === TIMES)
      return (await isListedOut(providers, address)) && (await cannotAnswer(providers, address)) ? fault.message : null;
    await Context.current().sleep(apart);
  }
}

async function isListedOut(providers: Providers, address: ModelAddress): Promise<boolean> {
  const names: string[] = [];
  const fault = await refusal(async () => {
    for await (const { id } of providers.client(address).models.list(options())) names.push(id);
  });
  return fault === null && names.length > 0 && !names.includes(address.model);
}

/** Asked last, and only of a model that seems to be gone: an answer costs money. */
async function cannotAnswer(providers: Providers, address: ModelAddress): Promise<boolean> {
  const messages = [{ role: "user" as const, content: "Say yes." }];
  const { chat } = providers.client(address);
  return saysNotFound(
    await refusal(async () => chat.completions.create({ model: address.model, messages }, options())),
  );
}

function saysNotFound(fault: ProviderFault | null): fault is Extract<ProviderFault, { kind: "final" }> {
  return fault?.kind === "final" && fault.status === NOT_FOUND;
}

async function refusal(ask: () => Promise<unknown>): Promise<ProviderFault | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    return readProviderError(error);
  }
}

const options = () => ({
  timeout: TIMEOUT,
  signal: AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(TIMEOUT)]),
});
