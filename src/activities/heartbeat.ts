// Every activity beats while it lives, so that a worker that died is noticed in seconds and not when its time is up.
import { Context } from "@temporalio/activity";

const EVERY = 3_000;
const shown = new WeakMap<Context, unknown>();

/** The same activities, each of which beats until it ends. What is over sooner than a beat never sends one. */
export function keepBeating<T extends Record<string, (input: never) => Promise<unknown>>>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      const context = Context.current();
      shown.set(context, context.info.heartbeatDetails); // what an earlier attempt came to is not beaten away
      const timer = setInterval(() => context.heartbeat(shown.get(context)), EVERY);
      try {
        return await activity(input);
      } finally {
        clearInterval(timer);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}

/** Beats now with these details, and with them from now on: the next attempt finds them. */
export function showProgress(details: unknown): void {
  const context = Context.current();
  shown.set(context, details);
  context.heartbeat(details);
}
