// A plain load balancer: asks each server whether it is ready, sends requests to those that are in turn, and tries another
// one when a connection fails. It knows nothing of what the requests mean.
import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt, Caller, Outgoing } from "../crash/load-request.ts";

export interface Balancer {
  deliver(outgoing: Outgoing): Promise<Attempt>;
  /** Connection errors that another server made good, as "ECONNREFUSED: 2". */
  readonly covered: Map<string, number>;
  /** How often a server that was asked said that it is not ready. */
  readonly notReady: () => number;
  close(): Promise<void>;
}

const CHECK_EVERY_MS = 100;

export function openBalancer(caller: Caller, servers: readonly string[]): Balancer {
  const ready = new Set(servers);
  const covered = new Map<string, number>();
  let refusals = 0;
  let turn = 0;
  let open = true;

  const check = async (server: string) => {
    for (; open; await sleep(CHECK_EVERY_MS)) {
      const status = await fetch(`${server}/readyz`).then(
        async (answer) => {
          await answer.body?.cancel();
          return answer.status;
        },
        () => null,
      );
      if (status === 200) ready.add(server);
      else ready.delete(server);
      if (status === 503) refusals += 1;
    }
  };
  const checks = servers.map(check);

  return {
    covered,
    notReady: () => refusals,
    async deliver(outgoing) {
      const pool = ready.size > 0 ? [...ready] : [...servers];
      const first = pool[turn++ % pool.length]!;
      const attempt = await caller.send(first, outgoing);
      if (attempt.status !== null) return attempt;
      covered.set(attempt.error!, (covered.get(attempt.error!) ?? 0) + 1);
      return caller.send(servers.find((server) => server !== first)!, outgoing);
    },
    async close() {
      open = false;
      await Promise.all(checks);
    },
  };
}
