// What every chapter of the story is told with.
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../domain/fault.ts";
import type { Ledger } from "./ledger.ts";
import type { Operator } from "./operator.ts";
import type { Terminal } from "./terminal.ts";

export interface Scene {
  readonly terminal: Terminal;
  readonly operator: Operator;
  readonly ledger: Ledger;
  /** Aborted when the story cannot go on; the reason is an error that says why. */
  readonly signal: AbortSignal;
  readonly clock: () => number;
}

/** A server that is being started anew answers again within this, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Asks every `every` milliseconds; the first answer that is not null. Goes on asking for a while when nobody answers.
 * Rejects with the signal's reason when it is aborted.
 */
export async function until<Found>(
  { signal, clock }: Pick<Scene, "signal" | "clock">,
  every: number,
  ask: () => Promise<Found | null>,
): Promise<Found> {
  let answeredAt = clock();
  for (;;) {
    signal.throwIfAborted();
    try {
      const found = await ask();
      if (found !== null) return found;
      answeredAt = clock();
    } catch (error) {
      const away = error instanceof Fault && error.code === "unavailable" && clock() - answeredAt < PATIENCE;
      if (!away) throw error;
    }
    await sleep(every, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
