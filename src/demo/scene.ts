// What every chapter of the story is told with.
import { setTimeout as sleep } from "node:timers/promises";
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

/** Asks every `every` milliseconds; the first answer that is not null. Rejects with the signal's reason. */
export async function until<Found>(
  signal: AbortSignal,
  every: number,
  ask: () => Promise<Found | null>,
): Promise<Found> {
  for (;;) {
    signal.throwIfAborted();
    const found = await ask();
    if (found !== null) return found;
    await sleep(every, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
