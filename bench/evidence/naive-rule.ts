// The common rule, to measure ours against: promote when the challenger's approval is 5 % better, whoever rated, however few.

import type { Side } from "./sums.ts";

export interface NaiveRule {
  rate(side: Side, value: number): void;
  /** Whether it would promote now. With fewer than ten ratings of the challenger it never does. */
  promotes(): boolean;
}

export function naiveRule(minLift = 0.05): NaiveRule {
  const ups = { champion: 0, challenger: 0 };
  const ratings = { champion: 0, challenger: 0 };
  return {
    rate(side, value) {
      ups[side] += value;
      ratings[side] += 1;
    },
    promotes: () =>
      ratings.challenger >= 10 &&
      ratings.champion > 0 &&
      ups.challenger / ratings.challenger >= (1 + minLift) * (ups.champion / ratings.champion),
  };
}
