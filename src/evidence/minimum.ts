// How many users and values a decision needs: clustered variances need users, and below these the e-values' promise does not hold.

import type { Stratum } from "./estimate.ts";
import { sumOfTallies } from "./tally.ts";

export interface Minimum {
  users: number;
  ratings: number;
}

/** Of either side. */
export const MINIMUM_FOR_HARM: Readonly<Minimum> = { users: 15, ratings: 40 };

/** Of the challenger; to stop as futile too. */
export const MINIMUM_FOR_PROMOTION: Readonly<Minimum> = { users: 30, ratings: 100 };

/** Whether both sides of a comparison have enough to find harm by. */
export function enoughForHarm(strata: readonly Stratum[]): boolean {
  return (["champion", "challenger"] as const).every((side) => {
    const { users, sumK } = sumOfTallies(strata.map((stratum) => stratum[side]));
    return users >= MINIMUM_FOR_HARM.users && sumK >= MINIMUM_FOR_HARM.ratings;
  });
}
