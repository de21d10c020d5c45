// Counts the experiments of all cells on several threads. Cells with the same id are the same experiments, simulated once.

import { Worker } from "node:worker_threads";
import { CELLS } from "./cells.ts";
import { type Counts, noCounts, together } from "./count.ts";
import type { Batch } from "./counting-thread.ts";

const BATCH = 50;

/** The counts by cell id. `share` is the part of each cell's repetitions to run, at least twenty. Says on `progress` how far it is, 0 to 1. */
export async function countCells(
  { threads, share }: { threads: number; share: number },
  progress: (done: number) => void = () => {},
): Promise<Map<string, Counts>> {
  const counted = new Map(CELLS.map(({ id }) => [id, noCounts()]));
  const batches = [...new Map(CELLS.map((cell) => [cell.id, cell])).values()].flatMap((cell) =>
    batchesOf(cell.id, Math.max(20, Math.round(cell.repetitions * share))),
  );
  const all = batches.length;
  let done = 0;

  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      const next = () => {
        const batch = batches.shift();
        if (batch === undefined) resolve();
        else worker.postMessage(batch);
      };
      worker.on("error", reject);
      worker.on("message", ({ id, counts }: { id: string; counts: Counts }) => {
        counted.set(id, together(counted.get(id)!, counts));
        progress(++done / all);
        next();
      });
      next();
    });

  const workers = Array.from({ length: threads }, () => new Worker(new URL("./counting-thread.ts", import.meta.url)));
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return counted;
}

function batchesOf(id: string, repetitions: number): Batch[] {
  return Array.from({ length: Math.ceil(repetitions / BATCH) }, (_, index) => ({
    id,
    from: index * BATCH,
    to: Math.min(repetitions, (index + 1) * BATCH),
  }));
}
