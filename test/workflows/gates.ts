// Doors before and behind activities: a test holds a workflow exactly where it wants it, by a condition and not by a sleep.
import type { ActivityInterceptorsFactory } from "@temporalio/worker";

export interface Gates {
  /** For the worker. */
  readonly interceptor: ActivityInterceptorsFactory;
  /**
   * Holds the first `times` attempts of an activity of a workflow: before they do anything, or `behind` what they do. Who is
   * held beats on, and does not hear that he was cancelled, unless he is `hearing`.
   */
  hold(workflowId: string, activity: string, how?: { times?: number; behind?: boolean; hearing?: boolean }): Gate;
}

export interface Gate {
  /** How many have come. */
  arrived(): number;
  /** Lets everybody through, now and later. */
  open(): void;
  /** Once those who were let through are done. */
  through(): Promise<unknown>;
}

const BEAT = 1_000;

export function openGates(): Gates {
  const gates = new Map<string, ReturnType<typeof makeGate>>();
  return {
    interceptor: (context) => ({
      inbound: {
        async execute(input, next) {
          const { workflowExecution, activityType } = context.info;
          const gate = gates.get(`${workflowExecution?.workflowId} ${activityType}`);
          const isHeld = gate?.admit() ?? false;
          if (gate === undefined || !isHeld) return next(input);
          const beat = setInterval(() => context.heartbeat(), BEAT);
          const hold = () => Promise.race(gate.hearing ? [gate.opened, context.cancelled] : [gate.opened]);
          try {
            if (!gate.behind) await hold();
            const result = await gate.follow(next(input));
            if (gate.behind) await hold();
            return result;
          } finally {
            clearInterval(beat);
          }
        },
      },
    }),
    hold(workflowId, activity, how = {}) {
      const gate = makeGate(how);
      gates.set(`${workflowId} ${activity}`, gate);
      return gate;
    },
  };
}

function makeGate({
  times = 1,
  behind = false,
  hearing = false,
}: {
  times?: number;
  behind?: boolean;
  hearing?: boolean;
}) {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const done: Promise<unknown>[] = [];
  let arrived = 0;
  let isOpen = false;
  return {
    behind,
    hearing,
    opened,
    /** Whether this one is held. */
    admit(): boolean {
      if (isOpen || arrived >= times) return false;
      arrived += 1;
      return true;
    },
    follow<T>(work: Promise<T>): Promise<T> {
      done.push(work);
      return work;
    },
    arrived: () => arrived,
    open() {
      isOpen = true;
      open();
    },
    async through() {
      await opened;
      await new Promise((resolve) => setImmediate(resolve)); // those who were held have gone on
      return Promise.allSettled(done);
    },
  };
}
