// What a pulse goes by, read before it decides: it may take seconds, and nobody else may be kept from the loop meanwhile.
import { failurePatterns } from "../analysis/patterns.ts";
import type { Database } from "../db/database.ts";
import {
  feedbackSince,
  learnedUpTo,
  requestsSince,
  thumbsByAction,
  thumbsByDay,
  thumbsDown,
  totalThumbs,
} from "../store/feedback/summary.ts";

export const DAY = 86_400_000;
/** Days of thumbs that are read: those that are kept with the analysis, and a week with the four before it. */
const DAYS_READ = 35;

export type PulseFacts = Awaited<ReturnType<typeof readFacts>>;

/** What people said and how requests went, as of an instant. `since`: what is new since the watermark `learnedUpTo`. */
export async function readFacts(db: Database, loop: string, asOf: Date) {
  const { failed, ...facts } = await db.withLoop(loop, async (tx) => {
    const { watermark } = await learnedUpTo(tx, loop);
    return {
      learnedUpTo: watermark,
      since: await feedbackSince(tx, loop, watermark),
      total: await totalThumbs(tx, loop),
      byAction: await thumbsByAction(tx, loop),
      byDay: await thumbsByDay(tx, loop, asOf, DAYS_READ),
      lastDay: await requestsSince(tx, loop, new Date(asOf.getTime() - DAY)),
      failed: await thumbsDown(tx, loop),
    };
  });
  return {
    ...facts,
    // Ids and counts: the analysis is kept, and what people wrote is not copied into it.
    patterns: failurePatterns(failed, { asOf }).map(({ count, trend, actionTypes, examples }) => ({
      count,
      trend,
      actionTypes,
      examples,
    })),
  };
}
