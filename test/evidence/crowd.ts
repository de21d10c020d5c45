// People who rate, for the tests of power: some come back for weeks, some once; what one of them says resembles what they said before.
import type { Traffic } from "../../src/evidence/outlook.ts";
import { addUnit, EMPTY_TALLY, replaceUnit, type Tally, type UnitTotals } from "../../src/evidence/tally.ts";
import { seededRandom } from "../../src/sandbox/seeded-random.ts";

export interface Rating {
  user: number;
  /** Days since the start. */
  at: number;
  /** Thumbs up when it lies below the model's approval. */
  mood: number;
}

/** Whether two ratings of one user are alike beyond chance: each is, with probability √correlation, what the user always says. */
export function moodOf(random: () => number, usual: number, correlation: number): number {
  return random() < Math.sqrt(correlation) ? usual : random();
}

/** Ratings in the order of time. Half of each day's come from people who are there all the time, half from people of that day. */
export function crowd(given: {
  seed: number;
  days: number;
  perDay: number;
  regulars: number;
  correlation: number;
}): Rating[] {
  const random = seededRandom(given.seed);
  const usual = new Map<number, number>();
  const ratings: Rating[] = [];
  for (let number = 0; number < given.days * given.perDay; number++) {
    const at = number / given.perDay;
    const visitor = given.regulars + Math.floor(at) * 1e6 + Math.floor(random() * (given.perDay / 6));
    const user = random() < 0.5 ? Math.floor(random() * given.regulars) : visitor;
    if (!usual.has(user)) usual.set(user, random());
    ratings.push({ user, at, mood: moodOf(random, usual.get(user)!, given.correlation) });
  }
  return ratings;
}

/** What a rating says, of each user `most` times. */
export interface Said {
  value: (mood: number) => number;
  most: number;
}

function thumbs(approval: number): Said {
  return { value: (mood) => (mood < approval ? 1 : 0), most: 10 };
}

/** The tally of ratings with one model: each user's first ten. */
export function tallyRatings(ratings: Iterable<Rating>, approval: number): Tally {
  return tallyValues(ratings, thumbs(approval));
}

/** The tally of what ratings say of any metric. */
export function tallyValues(ratings: Iterable<Rating>, said: Said): Tally {
  const counting = counter(said);
  for (const rating of ratings) counting.add(rating);
  return counting.tally;
}

/** What the store would have read of these ratings. */
export function trafficOf(ratings: readonly Rating[], days: number, approval: number): Traffic {
  const { values: _, ...traffic } = trafficOfValues(ratings, days, thumbs(approval));
  return traffic;
}

/** The same of any metric. */
export function trafficOfValues(ratings: readonly Rating[], days: number, said: Said): Traffic {
  const counting = counter(said);
  let next = 0;
  const growth = Array.from({ length: 14 }, (_, index) => {
    const until = ((index + 1) / 14) * days;
    while (next < ratings.length && ratings[next]!.at < until) counting.add(ratings[next++]!);
    return { days: until, tally: counting.tally };
  });
  return {
    days,
    interactions: ratings.length * 20,
    ratings: ratings.length,
    anonymous: 0,
    userDays: new Set(ratings.map(({ user, at }) => `${user} ${Math.floor(at)}`)).size,
    growth,
    ...(counting.values.length === 0 ? {} : { values: likeness(counting.values) }),
  };
}

function likeness(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { variance, binary: values.every((value) => value === 0 || value === 1) };
}

function counter({ value, most }: Said) {
  const totals = new Map<number, UnitTotals>();
  const counting = {
    tally: EMPTY_TALLY as Tally,
    /** All that count. */
    values: [] as number[],
    add({ user, mood }: Rating) {
      const before = totals.get(user) ?? { y: 0, k: 0 };
      if (before.k >= most) return;
      const said = value(mood);
      counting.values.push(said);
      const after = { y: before.y + said, k: before.k + 1 };
      counting.tally = before.k === 0 ? addUnit(counting.tally, after) : replaceUnit(counting.tally, before, after);
      totals.set(user, after);
    },
  };
  return counting;
}
