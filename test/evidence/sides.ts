// Sides of a comparison, made to measure: so many users, each with so many values, and a mean as wanted.

import { type Tally, tallyOf } from "../../src/evidence/tally.ts";

/** Users who each gave `k` ratings: the share of thumbs up as wanted, one thumb more or less from user to user. */
export function side(users: number, rate: number, k = 4): Tally {
  let owed = 0;
  return tallyOf(
    Array.from({ length: users }, () => {
      owed += rate * k;
      const y = Math.round(owed);
      owed -= y;
      return { y, k };
    }),
  );
}

/** Users with `k` numbers each, whose means lie evenly around `mean`, from `mean − spread` to `mean + spread`. */
export function numbers(users: number, mean: number, spread: number, k = 4): Tally {
  return tallyOf(
    Array.from({ length: users }, (_, place) => ({
      y: k * (mean + (users === 1 ? 0 : spread * ((2 * place) / (users - 1) - 1))),
      k,
    })),
  );
}

/** What `rated` has for such sides: each user had so many answers, and rated so many of them. */
export function exposed(users: number, answers: number, thumbs: number): Tally {
  return tallyOf(Array.from({ length: users }, () => ({ y: thumbs, k: answers })));
}
