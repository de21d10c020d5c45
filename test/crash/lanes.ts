// Runs lives side by side, each lane on a site of its own, since a life is mostly waiting. A site on which something went
// wrong is not used again: the next cell must not suffer for it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CellResult, recordLife, runGroup } from "./cell.ts";
import { LIVES } from "./life.ts";
import { commonPoints, type Group, type Point } from "./matrix.ts";
import { openSite, type Site } from "./site.ts";

export interface Lanes {
  /** Records every life on every lane: the points that all of them have in common. A recording with a fault is an error. */
  record(): Promise<Point[]>;
  /**
   * Runs groups until none is left, or until `enough` says so: then those that have begun are ended. When something is wrong
   * after a life with several cells, `tried` hears of it, and each of them gets a life of its own, so that the guilty one is named.
   */
  run(
    groups: readonly Group[],
    told: (result: CellResult) => void,
    how?: { enough?: () => boolean; tried?: (results: readonly CellResult[]) => void },
  ): Promise<void>;
  close(): Promise<void>;
}

export async function openLanes(count: number): Promise<Lanes> {
  const folder = mkdtempSync(join(tmpdir(), "ratchet-lanes-"));
  const bundle = join(folder, "bundle.json");
  const sites: Site[] = [];
  const close = async () => {
    await Promise.all(sites.map((site) => site.close()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    sites.push(await openSite(bundle)); // its worker makes the bundle for all
    await Promise.all(Array.from({ length: count - 1 }, async () => sites.push(await openSite(bundle))));
  } catch (error) {
    await close();
    throw error;
  }

  async function recordOn(site: Site): Promise<Point[]> {
    const points: Point[] = [];
    for (const kind of LIVES) {
      const recorded = await recordLife(kind, site);
      if (recorded.faults.length > 0)
        throw new Error(`nobody died in a life ${kind}, and yet: ${recorded.faults.join("; ")}`);
      points.push(...recorded.points);
    }
    return points;
  }

  return {
    record: async () => commonPoints(await Promise.all(sites.map(recordOn))),
    async run(groups, told, { enough = () => false, tried = () => {} } = {}) {
      const waiting = [...groups];
      const take = async (lane: number) => {
        while (!enough()) {
          const group = waiting.shift();
          if (group === undefined) return;
          const results = await runGroup(group, sites[lane]!).catch((error: Error) => broken(group, error));
          const green = results.every((result) => result.faults.length === 0);
          if (green || group.length === 1) for (const result of results) told(result);
          else {
            tried(results);
            waiting.unshift(...group.map((cell) => [cell]));
          }
          if (green) continue;
          await sites[lane]!.close();
          sites[lane] = await openSite(bundle);
        }
      };
      await Promise.all(sites.map((_, lane) => take(lane)));
    },
    close,
  };
}

function broken(group: Group, error: Error): CellResult[] {
  const faults = [`the life itself broke: ${error.stack}`];
  return group.map((cell) => ({ cell, faults, recoverySeconds: null, seconds: 0, together: group.length, said: [] }));
}
