// How shares and actions are written in answers: percent with one decimal, and "unknown" for no action.
import { approvalPercent, type Thumbs } from "../analysis/health.ts";

/** Share of thumbs up in percent with one decimal. */
export const rate = approvalPercent;

/** A share of a whole in percent with one decimal; 0 of nothing is 0. */
export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;
}

/** Names the action of those without one "unknown", and counts it together with an action that is really called so. */
export function mergeUnknown(
  actions: readonly (Thumbs & { actionType: string })[],
): (Thumbs & { actionType: string })[] {
  const sums = new Map<string, { up: number; down: number }>();
  for (const { actionType, up, down } of actions) {
    const name = actionType === "" ? "unknown" : actionType;
    const sum = sums.get(name) ?? { up: 0, down: 0 };
    sums.set(name, { up: sum.up + up, down: sum.down + down });
  }
  return [...sums]
    .map(([actionType, sum]) => ({ actionType, ...sum }))
    .sort(
      (left, right) => right.up + right.down - left.up - left.down || (left.actionType < right.actionType ? -1 : 1),
    );
}
