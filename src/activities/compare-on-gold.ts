// Both models answer the gold cases, patiently: a full gold set costs money, and must not be asked again for one bad answer.
import { ApplicationFailure, Context } from "@temporalio/activity";
import { messageText } from "../domain/message.ts";
import type { GateCase } from "../evaluation/gate.ts";
import type { GoldCase } from "../evaluation/gold.ts";
import { createScorer } from "../evaluation/scorers.ts";
import { readProviderError } from "../providers/provider-error.ts";
import { ask, type ChatBody } from "../serving/ask.ts";
import type { ActivityDeps } from "./deps.ts";
import { showProgress } from "./heartbeat.ts";

const TRIES = 5;
const PAUSE = 2_000;
const MOST_PAUSE = 300_000;
/** Refusals that concern our key or the model, and so every case: no answer to one of them says anything of the candidate. */
const OURS = new Set([401, 403, 404, 429]);

/**
 * The scores of champion and candidate on each case. What an earlier attempt of this activity has scored is taken from its
 * heartbeat. A case that the provider refuses for what is in it scores 0 for that model.
 */
export async function compareOnGold(
  deps: Pick<ActivityDeps, "providers" | "models" | "meter">,
  pair: { loop: string; championId: string; candidateId: string },
  gold: readonly GoldCase[],
  signal: AbortSignal,
): Promise<GateCase[]> {
  const earlier: unknown = Context.current().info.heartbeatDetails;
  const results: GateCase[] = Array.isArray(earlier) ? (earlier as GateCase[]) : [];
  const score = async (id: string, one: GoldCase) => {
    const served = await deps.models(pair.loop, id);
    const body: ChatBody = { messages: one.messages as ChatBody["messages"], temperature: 0 };
    const answer = await patiently(() => ask(deps, served, body, signal), signal);
    return answer === null ? 0 : createScorer(one.scorer, one.expected)(messageText(answer.message)).score;
  };
  for (const one of gold.slice(results.length)) {
    const champion = await score(pair.championId, one);
    const candidate = await score(pair.candidateId, one);
    results.push({ id: one.id, champion, candidate, forgetting: one.tags.includes("forgetting") });
    showProgress(results);
  }
  return results;
}

/** Why the candidate cannot answer at all, or null: asked once, also where there is no gold set. */
export async function probe(
  deps: Pick<ActivityDeps, "providers" | "models" | "meter">,
  { loop, candidateId }: { loop: string; candidateId: string },
  signal: AbortSignal,
): Promise<string | null> {
  const served = await deps.models(loop, candidateId);
  const body: ChatBody = { messages: [{ role: "user", content: "hello" }] };
  try {
    await patiently(() => ask(deps, served, body, signal), signal);
    return null;
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === "GateRefused") return error.message;
    throw error;
  }
}

/** The answer; null when the provider refuses this request for good. Waits as told, and tries again what may pass. */
async function patiently<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      const fault = readProviderError(error);
      if (fault.kind === "final") {
        if (!OURS.has(fault.status)) return null;
        throw ApplicationFailure.nonRetryable(`the provider refuses to answer: ${fault.message}`, "GateRefused");
      }
      if (attempt >= TRIES) throw error;
      const wait = fault.kind === "wait" ? (fault.afterMs ?? PAUSE) : PAUSE * attempt;
      await Context.current().sleep(Math.min(MOST_PAUSE, wait));
    }
  }
}
