// The routing document of each loop, at most a quarter of a second old: a promotion is served within a second,
// by every server, without anyone having to tell it.
import type { Database } from "../db/database.ts";
import type { LoopSettings } from "../domain/loop-settings.ts";
import type { RoutingDocument } from "../evidence/assignment.ts";
import { loadLoop } from "../store/loops.ts";
import { readRouting } from "../store/routing.ts";

export interface Routed {
  routing: RoutingDocument;
  settings: LoopSettings;
}
export type RoutingCache = (loop: string) => Promise<Routed>;

const FRESH_FOR = 250;

/** Reads a loop's routing and settings; requests of the same moment share one reading. */
export function createRoutingCache(db: Database, clock: () => number): RoutingCache {
  const kept = new Map<string, { at: number; routed: Promise<Routed> }>();
  return (loop) => {
    const now = clock();
    const held = kept.get(loop);
    if (held !== undefined && Math.abs(now - held.at) < FRESH_FOR) return held.routed; // a clock may be set back
    const routed = db.withLoop(loop, async (tx) => ({
      routing: await readRouting(tx, loop, new Date(now)),
      settings: (await loadLoop(tx, loop)).settings,
    }));
    kept.set(loop, { at: now, routed });
    routed.catch(() => kept.delete(loop));
    return routed;
  };
}
