// Prepares what is newly worth learning from, a stretch at a time: each is kept before the next is begun, so that whoever
// goes on after a death does no more than one again.
import { Context } from "@temporalio/activity";
import type { LoopSettings } from "../domain/loop-settings.ts";
import type { Prepared } from "../snapshot/prepare.ts";
import { type Recipe, recipeId, recipeOf } from "../snapshot/recipe.ts";
import { loadCycle } from "../store/cycles.ts";
import { loadLoop, settingsAt } from "../store/loops.ts";
import {
  type Cursor,
  cursorOf,
  ensureRecipe,
  keepPrepared,
  LAST,
  moveCursor,
  nextStretch,
  type RawExample,
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
        const isOver = () => performance.now() - began > mostMs;
        const step = await prepareStream(loop, recipe, stream, { upTo, signal, isOver }, (more) => {
          prepared += more;
          showProgress({ stream, prepared });
        });
        if (!step.isDone) return { prepared, isDone: false };
      }
      return { prepared, isDone: true };
    },
  };

  /**
   * Goes along a stream, up to three stretches under way at once: the next is read while one is prepared, and the one before
   * is kept. Cursors move in order, since each is kept after the one before it.
   */
  async function prepareStream(
    loop: string,
    recipe: Recipe,
    stream: Stream,
    { upTo, signal, isOver }: { upTo: number; signal: AbortSignal; isOver: () => boolean },
    onKept: (prepared: number) => void,
  ): Promise<{ isDone: boolean }> {
    const id = recipeId(recipe);
    let reading = begun(
      read(loop, recipe, stream, await db.withLoop(loop, (tx) => cursorOf(tx, loop, id, stream)), upTo),
    );
    let keeping = begun(Promise.resolve());
    for (let isLast = false; !isLast; ) {
      if (isOver()) {
        await keeping;
        return { isDone: false };
      }
      const stretch = await reading;
      isLast = stretch.isLast;
      if (!isLast) reading = begun(read(loop, recipe, stream, stretch.to, upTo));
      const outcomes = await preparer.prepare(recipe, stretch.rows, signal);
      await keeping;
      signal.throwIfAborted();
      keeping = begun(keep(loop, id, stream, stretch, outcomes).then(() => onKept(outcomes.length)));
    }
    await keeping;
    return { isDone: true };
  }

  function read(loop: string, recipe: Recipe, stream: Stream, after: Cursor, upTo: number): Promise<Stretch> {
    const id = recipeId(recipe);
    return db.withLoop(loop, async (tx) => {
      if (after.pulse >= upTo && after.id === LAST) return { rows: [], to: after, isLast: true };
      const stretch = await nextStretch(tx, loop, stream, { after, upTo, limit });
      const wanted = { interactions: stretch.interactions, upTo, ratedOnly: recipe.ratedOnly };
      return { ...stretch, rows: await unprepared(tx, loop, id, wanted) };
    });
  }

  function keep(
    loop: string,
    recipe: string,
    stream: Stream,
    { rows, to }: Stretch,
    outcomes: readonly Prepared[],
  ): Promise<void> {
    return db.withLoop(loop, async (tx) => {
      await keepPrepared(
        tx,
        loop,
        recipe,
        rows.map((row, index) => ({ ...row, outcome: outcomes[index]! })),
      );
      await moveCursor(tx, loop, recipe, stream, to);
    });
  }

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
}

interface Stretch {
  readonly rows: readonly RawExample[];
  readonly to: Cursor;
  readonly isLast: boolean;
}

/** Something that goes on beside: when it fails, whoever waits for it hears of it, and nobody has to. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

/** The recipe that a loop's settings ask for. */
export function recipeFrom({ snapshot }: LoopSettings): Recipe {
  return recipeOf(snapshot);
}
