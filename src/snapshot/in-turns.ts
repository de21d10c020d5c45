// Lets others run while many rows are worked through: a worker that holds its thread for seconds sends no heartbeat.
import { setImmediate } from "node:timers/promises";

const ROWS_PER_TURN = 100;

/** The items as they come, giving way to timers and sockets before each hundred. */
export async function* inTurns<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, void> {
  let given = 0;
  for await (const item of items) {
    if (given % ROWS_PER_TURN === 0) await setImmediate();
    given += 1;
    yield item;
  }
}
