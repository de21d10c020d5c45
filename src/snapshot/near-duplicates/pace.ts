// Lets others run while much is computed: a worker that holds its thread sends no heartbeat, and hears of no cancel.
import { setImmediate } from "node:timers/promises";

/** Steps between two turns of others, each some hundred nanoseconds of work: some ten milliseconds in all. */
const STEPS_A_TURN = 100_000;

export interface Pace {
  /** Counts steps done; true when it is the others' turn. */
  isOver(steps: number): boolean;
  /** Gives way to timers and sockets, and throws the signal's reason once it is aborted. */
  giveWay(): Promise<void>;
}

export function createPace(signal?: AbortSignal): Pace {
  let steps = 0;
  return {
    isOver(more) {
      steps += more;
      return steps >= STEPS_A_TURN;
    },
    async giveWay() {
      steps = 0;
      signal?.throwIfAborted();
      await setImmediate();
      signal?.throwIfAborted();
    },
  };
}
