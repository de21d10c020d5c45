// Kills one process after another, by chance but the same for the same seed, and starts each again at once.
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { pick, seededRandom } from "../../src/sandbox/seeded-random.ts";
import type { Sent } from "./load-ledger.ts";

/** Something that can be killed and started again. */
export interface Mortal {
  readonly name: string;
  readonly kind: "server" | "worker" | "Temporal" | "PostgreSQL";
  /** Of an API server; of others null. */
  readonly url: string | null;
  kill(): Promise<void>;
  /** Starts it again, and waits until it is ready. */
  start(): Promise<void>;
}

export interface Kill {
  readonly name: string;
  readonly kind: Mortal["kind"];
  readonly url: string | null;
  /** Milliseconds on performance.now()'s clock. */
  readonly at: number;
  /** Until it was ready again, milliseconds. */
  readonly readyAfter: number;
}

/** A program that finds its servers gone ends, and is started anew, as any supervisor would. */
const GIVE_UP_MS = 120_000;

/**
 * Kills one of those that run every `everyMs` while `work` goes on, each kind before any comes twice; and starts it again at
 * once, whatever else is down then. Returns when everything runs.
 */
export async function killAround(
  work: Promise<unknown>,
  mortals: readonly Mortal[],
  { everyMs, seed }: { everyMs: number; seed: number },
): Promise<Kill[]> {
  const random = seededRandom(seed);
  const kills: Kill[] = [];
  const down = new Map<Mortal, Promise<void>>();
  const kinds = new Set(mortals.map(({ kind }) => kind));
  const over = work.then(
    () => "over" as const,
    () => "over" as const,
  );
  while ((await Promise.race([over, sleep(everyMs, "next" as const)])) !== "over") {
    const up = mortals.filter((mortal) => !down.has(mortal));
    const fresh = up.filter(({ kind }) => kinds.has(kind));
    if (up.length === 0) continue;
    const chosen = pick(fresh.length > 0 ? fresh : up, random);
    kinds.delete(chosen.kind);
    const at = performance.now();
    await chosen.kill();
    const again = startAgain(chosen).then(() => {
      kills.push({ name: chosen.name, kind: chosen.kind, url: chosen.url, at, readyAfter: performance.now() - at });
      down.delete(chosen);
    });
    again.catch(() => {}); // waited for below
    down.set(chosen, again);
  }
  await Promise.all(down.values());
  return kills.sort((left, right) => left.at - right.at);
}

async function startAgain(mortal: Mortal): Promise<void> {
  for (const end = performance.now() + GIVE_UP_MS; ; await sleep(200)) {
    try {
      return await mortal.start();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

/**
 * How long after a kill the first request that was sent after it was answered well; by the killed server itself, or, when
 * it was no server, by any. Milliseconds; null when none was.
 */
export function answeredAfter(kill: Kill, sent: readonly Sent[]): number | null {
  const answered = sent
    .flatMap((entry) => entry.attempts)
    .filter(({ sentAt, status, server }) => {
      const there = kill.url === null || server === kill.url;
      return there && sentAt >= kill.at && status !== null && status < 300;
    })
    .map(({ endedAt }) => endedAt);
  return answered.length === 0 ? null : Math.min(...answered) - kill.at;
}
