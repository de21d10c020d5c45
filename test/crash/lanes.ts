// Runs cells side by side, each lane on a site of its own, since a life is mostly waiting. A site on which something went
// wrong is not used again: the next cell must not suffer for it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CellResult, recordLife, runCell } from "./cell.ts";
import { LIVES } from "./life.ts";
import { type Cell, commonPoints, type Point } from "./matrix.ts";
import { openSite, type Site } from "./site.ts";

export interface Lanes {
  /** What the recordings of all lanes have in common. */
  readonly points: readonly Point[];
  run(cells: readonly Cell[], told: (result: CellResult) => void): Promise<void>;
  close(): Promise<void>;
}

/** Opens the lanes and records every life once on each; a recording with a fault is an error. */
export async function openLanes(count: number, kinds = LIVES): Promise<Lanes> {
  const folder = mkdtempSync(join(tmpdir(), "ratchet-lanes-"));
  const bundle = join(folder, "bundle.json");
  const sites: Site[] = [];
  const close = async () => {
    await Promise.all(sites.map((site) => site.close()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    sites.push(await openSite(bundle)); // it makes the bundle for all
    sites.push(...(await Promise.all(Array.from({ length: count - 1 }, () => openSite(bundle)))));
    const recordings = await Promise.all(
      sites.map(async (site) => {
        const points: Point[] = [];
        for (const kind of kinds) {
          const recorded = await recordLife(kind, site);
          if (recorded.faults.length > 0)
            throw new Error(`nobody died in a life ${kind}, and yet: ${recorded.faults.join("; ")}`);
          points.push(...recorded.points);
        }
        return points;
      }),
    );
    return {
      points: commonPoints(recordings),
      async run(cells, told) {
        const waiting = [...cells];
        const take = async (lane: number) => {
          for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
            const result = await runCell(cell, sites[lane]!).catch((error: Error) => broken(cell!, error));
            told(result);
            if (result.faults.length === 0) continue;
            await sites[lane]!.close();
            sites[lane] = await openSite(bundle);
          }
        };
        await Promise.all(sites.map((_, lane) => take(lane)));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function broken(cell: Cell, error: Error): CellResult {
  return { cell, faults: [`the cell itself broke: ${error.stack}`], recoverySeconds: null, seconds: 0, said: [] };
}
