// Prepares what is newly worth learning from, a stretch at a time: each is kept before the next is begun, so that whoever
// goes on after a death does no more than one again.
import { Context } from "@temporalio/activity";
import type { LoopSettings } from "../domain/loop-settings.ts";
import { type Recipe, recipeId, recipeOf } from "../snapshot/recipe.ts";
import { loadCycle } from "../store/cycles.ts";
import { loadLoop, settingsAt } from "../store/loops.ts";
import {
  cursorOf,
  ensureRecipe,
  keepPrepared,
  LAST,
  moveCursor,
  nextStretch,
  type Stream,
  unprepared,
} from "../store/prepared.ts";
import type { ActivityDeps } from "./deps.ts";
import { showProgress } from "./heartbeat.ts";

/** Interactions, or ratings, in a stretch: about a second's work. */
const STRETCH = 2_000;

/** In this order: what a rating speaks of is mostly prepared with its interaction. */
const STREAMS: readonly Stream[] = ["interaction", "feedback"];

export interface Preparation {
  /** How many answers were prepared. */
  readonly prepared: number;
  /** Whether all that the pulses had seen is prepared now. */
  readonly isDone: boolean;
}

export function prepareActivities(
  { db, preparer }: Pick<ActivityDeps, "db" | "preparer">,
  { stretch: limit = STRETCH }: { stretch?: number } = {},
) {
  return {
    /**
     * Prepares what a cycle may learn from, by the recipe of its settings; or what pulses up to `upTo` have seen, by that of
     * the present ones. It stops after `mostMs` and says so; whoever asks again goes on there.
     */
    async prepare({
      loop,
      of,
      asOf,
      mostMs,
    }: {
      loop: string;
      of: { cycleId: string } | { upTo: number };
      asOf: number;
      mostMs: number;
    }): Promise<Preparation> {
      const { cancellationSignal: signal } = Context.current();
      const began = performance.now();
      const { settings, upTo } = await whatFor(loop, of);
      const recipe = recipeFrom(settings);
      const id = recipeId(recipe);
      await db.withLoop(loop, (tx) => ensureRecipe(tx, loop, { id, definition: recipe }, new Date(asOf)));
      let prepared = 0;
      for (const stream of STREAMS) {
        for (let isLast = false; !isLast; ) {
          if (performance.now() - began > mostMs) return { prepared, isDone: false };
          const step = await prepareStretch(loop, recipe, stream, upTo, signal);
          prepared += step.prepared;
          isLast = step.isLast;
          showProgress({ stream, prepared });
        }
      }
      return { prepared, isDone: true };
    },
  };

  function whatFor(
    loop: string,
    of: { cycleId: string } | { upTo: number },
  ): Promise<{ settings: LoopSettings; upTo: number }> {
    return db.withLoop(loop, async (tx) => {
      if ("upTo" in of) return { settings: (await loadLoop(tx, loop)).settings, upTo: of.upTo };
      const cycle = await loadCycle(tx, loop, of.cycleId);
      return { settings: await settingsAt(tx, loop, cycle.settings_version), upTo: cycle.watermark };
    });
  }

  async function prepareStretch(loop: string, recipe: Recipe, stream: Stream, upTo: number, signal: AbortSignal) {
    const id = recipeId(recipe);
    const { rows, to, isLast } = await db.withLoop(loop, async (tx) => {
      const after = await cursorOf(tx, loop, id, stream);
      if (after.pulse >= upTo && after.id === LAST) return { rows: [], to: after, isLast: true };
      const stretch = await nextStretch(tx, loop, stream, { after, upTo, limit });
      const wanted = { interactions: stretch.interactions, upTo, ratedOnly: recipe.ratedOnly };
      return { ...stretch, rows: await unprepared(tx, loop, id, wanted) };
    });
    const outcomes = await preparer.prepare(recipe, rows, signal);
    await db.withLoop(loop, async (tx) => {
      await keepPrepared(
        tx,
        loop,
        id,
        rows.map((row, index) => ({ ...row, outcome: outcomes[index]! })),
      );
      await moveCursor(tx, loop, id, stream, to);
    });
    return { prepared: rows.length, isLast };
  }
}

/** The recipe that a loop's settings ask for. */
export function recipeFrom({ snapshot }: LoopSettings): Recipe {
  return recipeOf(snapshot);
}
