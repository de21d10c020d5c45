// Keeps a set of children running: starts a dead one again, gives up on one that keeps dying, and ends all in reverse order.
//
// Who owns what: each child belongs to one slot; only its slot's loop starts it again, and once `stopping` is set no loop
// starts anything more. A child that is not ready yet is in `starting`, so that stopping need not wait until it is.
// `failed` settles at most once.
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../domain/fault.ts";
import { describeExit, type RunningChild } from "./child.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import { type EndingStep, endProcess, identify } from "./process-identity.ts";
import { decideRestart } from "./restart-policy.ts";

/**
 * Starts a child, given the last one that ran (to keep its port; undefined at first), and calls `onSpawned` with its
 * process id as soon as there is one.
 */
export type Start<T extends RunningChild> = (previous: T | undefined, onSpawned: (pid: number) => void) => Promise<T>;

export interface Supervisor {
  /**
   * Starts a child and keeps it running. A failure of the first start is the caller's to handle.
   * @returns a function that gives the child as it is now
   * @throws whatever the first start throws
   */
  keep<T extends RunningChild>(name: string, start: Start<T>): Promise<() => T>;
  /** Settles with the reason when a child died too often; the caller then stops everything. */
  readonly failed: Promise<Fault>;
  /** Ends all children, the last started first, and waits for that. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly log: EmbeddedLog;
  /** Hears of every process as soon as it is there; a pid file writes it down. */
  readonly onSpawned?: (name: string, pid: number) => void;
  readonly onEnded?: (name: string, pid: number) => void;
  /** Milliseconds; for the restart policy. */
  readonly clock?: () => number;
}

interface Slot {
  readonly name: string;
  readonly deaths: number[];
  current: RunningChild;
  loop: Promise<void>;
}

const END_UNREADY: readonly EndingStep[] = [
  { signal: "SIGINT", waitMs: 20_000 }, // for PostgreSQL a clean end, where SIGTERM would wait for its clients
  { signal: "SIGKILL", waitMs: 5_000 },
];

export function createSupervisor({ log, onSpawned, onEnded, clock = Date.now }: SupervisorOptions): Supervisor {
  const slots: Slot[] = [];
  const starting = new Set<number>();
  const stopping = new AbortController();
  let stopped: Promise<void> | undefined;
  let fail: (fault: Fault) => void = () => undefined;
  const failed = new Promise<Fault>((resolve) => {
    fail = resolve;
  });

  async function begin<T extends RunningChild>(name: string, start: Start<T>, previous: T | undefined): Promise<T> {
    const own = new Set<number>();
    try {
      return await start(previous, (pid) => {
        own.add(pid);
        starting.add(pid);
        onSpawned?.(name, pid);
        if (stopping.signal.aborted) void endUnready(pid).catch(() => undefined);
      });
    } finally {
      for (const pid of own) starting.delete(pid);
    }
  }

  async function endUnready(pid: number): Promise<void> {
    const identity = identify(pid);
    if (identity !== null) await endProcess(identity, END_UNREADY);
  }

  async function watch<T extends RunningChild>(slot: Slot, start: Start<T>): Promise<void> {
    for (;;) {
      const exit = await slot.current.exited;
      onEnded?.(slot.name, slot.current.pid);
      if (stopping.signal.aborted) return;
      log("warn", describeExit(slot.name, exit));
      const again = await restart(slot, start);
      if (again === null) return;
      slot.current = again;
      log("info", `${slot.name} runs again as process ${again.pid}`);
      if (stopping.signal.aborted) await again.stop();
    }
  }

  async function restart<T extends RunningChild>(slot: Slot, start: Start<T>): Promise<T | null> {
    for (;;) {
      slot.deaths.push(clock());
      const decision = decideRestart(slot.name, slot.deaths, clock());
      if (decision.kind === "give-up") {
        fail(new Fault("unavailable", decision.reason, { hint: "read what it said above; everything is stopped now" }));
        return null;
      }
      await sleep(decision.afterMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return null;
      try {
        return await begin(slot.name, start, slot.current as T);
      } catch (error) {
        if (stopping.signal.aborted) return null;
        log("error", `${slot.name} could not be started again: ${(error as Error).message}`);
      }
    }
  }

  async function stopAll(): Promise<void> {
    stopping.abort();
    await Promise.all([...starting].map(endUnready));
    for (const slot of slots.toReversed()) {
      await slot.current.stop();
      await slot.loop;
    }
  }

  return {
    failed,
    async keep<T extends RunningChild>(name: string, start: Start<T>) {
      if (stopping.signal.aborted) throw new Fault("conflict", `${name} is not started: everything is being stopped`);
      const first = await begin(name, start, undefined);
      const slot: Slot = { name, deaths: [], current: first, loop: Promise.resolve() };
      slots.push(slot);
      slot.loop = watch<T>(slot, start);
      if (stopping.signal.aborted) await first.stop(); // stopped while it was starting
      return () => slot.current as T;
    },
    stop: () => (stopped ??= stopAll()),
  };
}
