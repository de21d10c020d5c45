// What came of it: the last line for programs, and whether a champion was really replaced by a better one.

/** Shares are from 0 to 1; null is what was not reached. */
export interface DemoResult {
  champion_before: string | null;
  champion_after: string | null;
  /** Of ratings of what was asked before the experiment began, and after the promotion. */
  approval_before: number | null;
  approval_after: number | null;
  /** Of utterances that no user ever said. */
  held_out_accuracy: { before: number | null; after: number | null };
  /** Acknowledged by the server. */
  ratings: number;
  /** From the moment that the servers were there; a person's thinking not counted. */
  seconds: number;
  cycle_id: string | null;
  /** Why not, when no champion was replaced by a better one. */
  reason: string | null;
}

export const NOTHING_YET: DemoResult = {
  champion_before: null,
  champion_after: null,
  approval_before: null,
  approval_after: null,
  held_out_accuracy: { before: null, after: null },
  ratings: 0,
  seconds: 0,
  cycle_id: null,
  reason: null,
};

/** Why this is not a champion replaced by a better one; null when it is. */
export function shortcoming(
  result: DemoResult,
  record: { promotedBy: string | null; countedRatings: number },
): string | null {
  const {
    champion_before: before,
    champion_after: after,
    approval_before,
    approval_after,
    held_out_accuracy: heldOut,
  } = result;
  if (before === null || after === null || before === after) return `the champion is still ${before}`;
  if (record.promotedBy === null) return `${after} answers as champion, but no promotion is on record`;
  if (record.countedRatings < result.ratings)
    return `${result.ratings} ratings were acknowledged, but only ${record.countedRatings} were counted`;
  if (!isHigher(heldOut.before, heldOut.after))
    return `${after} is not more accurate on held-out utterances (${heldOut.before} before, ${heldOut.after} after)`;
  if (!isHigher(approval_before, approval_after))
    return `people do not approve of ${after} more often (${approval_before} before, ${approval_after} after)`;
  return null;
}

function isHigher(before: number | null, after: number | null): boolean {
  return before !== null && after !== null && after > before;
}

/** A share with four digits. */
export function rounded(share: number | null): number | null {
  return share === null ? null : Math.round(share * 10_000) / 10_000;
}
