// A thread of a simulation: counts the experiments that it is asked for, one batch after the other.

import { parentPort } from "node:worker_threads";
import { CELLS } from "./cells.ts";
import { count } from "./count.ts";

export interface Batch {
  id: string;
  from: number;
  to: number;
}

parentPort?.on("message", ({ id, from, to }: Batch) => {
  const cell = CELLS.find((one) => one.id === id)!;
  parentPort!.postMessage({ id, counts: count(cell.world, id, from, to) });
});
