// Work that beats while it lives, so that a worker that died is noticed in seconds and not when its time is up.
import { Context } from "@temporalio/activity";

const EVERY = 3_000;

/** Runs `work` with the activity's cancellation signal and beats until it ends. `progress` is what the beat shows. */
export async function beating<T>(
  work: (signal: AbortSignal, progress: (seen: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let seen: unknown = null;
  const timer = setInterval(() => context.heartbeat(seen), EVERY);
  try {
    return await work(context.cancellationSignal, (now) => {
      seen = now;
      context.heartbeat(now);
    });
  } finally {
    clearInterval(timer);
  }
}
