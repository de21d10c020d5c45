// A few people who met both variants of an experiment, and rated what they got: tallies that can be counted by hand.
import type { Database } from "../../../src/db/database.ts";
import { recordFeedback } from "../../../src/store/feedback/record.ts";
import { recordInteractions } from "../../../src/store/interactions.ts";
import { AT, interactionOf, ratingOf } from "../loop-fixture.ts";

/**
 * Five users of the champion and three of the challenger, with two answers each; every first one is rated, the champion's up, the
 * challenger's down. Eight tallies: rated, error, approval and approval/alarm of both. The ids of the answers, the champion's first.
 */
export async function smallCrowd(db: Database, loop: string, experimentId: string): Promise<string[]> {
  const users = (variant: "champion" | "challenger", count: number) =>
    Array.from({ length: count * 2 }, (_, index) => {
      const counted = { experimentId, phase: "experiment", stratum: 0 } as const;
      return interactionOf({ unit: `${variant} ${Math.floor(index / 2)}`, variant, counted });
    });
  const said = [...users("champion", 5), ...users("challenger", 3)];
  const ids = await db.withLoop(loop, (tx) => recordInteractions(tx, loop, said));
  const ratings = ids.flatMap((id, index) => (index % 2 === 0 ? [ratingOf(id, index < 10 ? 1 : -1)] : []));
  await db.withLoop(loop, (tx) => recordFeedback(tx, loop, ratings, AT));
  return ids;
}
