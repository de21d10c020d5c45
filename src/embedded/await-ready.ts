// Waits until the API says that everything it needs is there.
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../domain/fault.ts";

const WITHIN_MS = 60_000;

/**
 * Polls `<api>/readyz`, until `stopping` is aborted at most.
 * @throws Fault `unavailable` with the last answer when it does not come to that
 */
export async function awaitReady(api: string, stopping: AbortSignal): Promise<void> {
  const until = Date.now() + WITHIN_MS;
  let last = "no answer";
  while (Date.now() < until && !stopping.aborted) {
    try {
      const answer = await fetch(`${api}/readyz`, { signal: AbortSignal.timeout(10_000) });
      const body = await answer.text();
      if (answer.ok && parsed(body).missing.every((name) => name.startsWith("provider "))) return; // a loop may wait for its provider
      last = `${answer.status} ${body.slice(0, 500)}`;
    } catch (error) {
      const { message, cause } = error as Error;
      last = cause instanceof Error ? cause.message : message;
    }
    await sleep(100, undefined, { signal: stopping }).catch(() => undefined);
  }
  throw new Fault("unavailable", `the API is not ready: ${last}`, { hint: `ask ${api}/readyz what is missing` });
}

function parsed(body: string): { missing: string[] } {
  return JSON.parse(body) as { missing: string[] };
}
