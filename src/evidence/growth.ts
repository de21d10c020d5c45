// How what counts grows while an experiment goes on: ratings fast at first, then slower, since of people who come back only ten count.

/** What an experiment of all users would have counted after `days`, its start at 0. */
export interface Counted {
  days: number;
  users: number;
  ratings: number;
  /** Sum over users of the square of their ratings' number: it tells how unevenly people rate. */
  squares: number;
}

/** Measured at some days, the earliest first, at least once, each later than the one before. Counts never fall. */
export type Growth = readonly Counted[];

/**
 * What would have been counted after `days`, of each user at `most` so many. Between two measurements on the straight line; after the
 * last one it goes on as in the second half of what was measured, when most of those who come back have been there before, until
 * everybody's ten are counted. Where all count, those who come back make the squares grow ever faster, as the time's square does.
 */
export function countedAfter(growth: Growth, days: number, most: number): Counted {
  const last = growth.at(-1)!;
  if (days <= 0) return NOTHING;
  if (days > last.days) {
    const half = countedAfter(growth, last.days / 2, most);
    const onwards = onLine(half, last, days, most);
    if (most < Infinity) return onwards;
    return { ...onwards, squares: Math.max(onwards.squares, onParabola(half.squares, last.squares, days / last.days)) };
  }
  const next = growth.findIndex((point) => point.days >= days);
  return onLine(next === 0 ? NOTHING : growth[next - 1]!, growth[next]!, days, most);
}

const NOTHING: Counted = { days: 0, users: 0, ratings: 0, squares: 0 };

function onLine(from: Counted, to: Counted, days: number, most: number): Counted {
  const along = (days - from.days) / (to.days - from.days);
  const at = (name: "users" | "ratings" | "squares") => from[name] + along * (to[name] - from[name]);
  const users = at("users");
  const ratings = Math.min(at("ratings"), most * users);
  return { days, users, ratings, squares: Math.min(at("squares"), most * ratings) };
}

/** The parabola through nothing at 0, `half` at ½ and `whole` at 1. */
function onParabola(half: number, whole: number, at: number): number {
  return whole * at * (2 * at - 1) - 4 * half * at * (at - 1);
}
