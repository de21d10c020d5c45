// How much of the variance a person's approval before the experiment would take away (CUPED), in the simulator's population.

import { RATINGS_PER_UNIT } from "../../src/domain/experiment.ts";
import type { Table } from "../table.ts";
import { drawsOf } from "./draws.ts";
import { USUAL, visits } from "./population.ts";

const HISTORIES = [4, 10, 40] as const;

export interface Reduction {
  /** How many ratings the history of each user who has one holds. */
  history: number;
  /** The share of the variance that goes, 0 to 1: by the earlier approval as it is, and by the best guess at a user's thumbs up. */
  plain: number;
  best: number;
}

/**
 * The variance reduction at an hour for `users` simulated users, of whom half have a history. A rate's variance is that of the users'
 * y − p·k (delta method); a covariate takes away the square of its correlation with that (Deng, Xu, Kohavi, Walker, WSDM 2013).
 */
export function cupedReduction(hours: number, history: number, users: number): Reduction {
  const { approval, correlation, ratingsPerUser } = USUAL;
  const draws = drawsOf(`cuped ${hours} ${history}`);
  const coming = visits({ ...USUAL, ratings: (users * ratingsPerUser * 48) / 168 }, draws);
  const counts = new Map<number, number>();
  for (const { user, asked } of coming.byLook.flat()) if (asked < hours) counts.set(user, (counts.get(user) ?? 0) + 1);
  const residuals: number[] = [];
  const plain: number[] = [];
  const best: number[] = [];
  for (const count of counts.values()) {
    const k = Math.min(RATINGS_PER_UNIT, count);
    const own = draws.beta(approval, correlation);
    const ups = (ratings: number) => {
      let sum = 0;
      for (let rating = 0; rating < ratings; rating++) sum += draws.uniform() < own ? 1 : 0;
      return sum;
    };
    const earlier = draws.uniform() < 0.5 ? ups(history) - approval * history : 0; // 0 is what is expected of a stranger
    residuals.push(ups(k) - approval * k);
    plain.push(earlier / history);
    best.push((k * earlier) / (history + 1 / correlation - 1)); // a beta prior's mean, moved by the history
  }
  return { history, plain: squaredCorrelation(residuals, plain), best: squaredCorrelation(residuals, best) };
}

/** Reductions after 48 hours and after the week, for a table. */
export function cupedTable(users: number): Table {
  const percent = ({ plain, best }: Reduction) => `${(plain * 100).toFixed(1)} / ${(best * 100).toFixed(1)}`;
  return {
    title:
      "CUPED where half the users have a history: percent of the variance that goes by earlier approval as it is / at best",
    columns: ["ratings before", "at 48 hours", "at 7 days"],
    rows: HISTORIES.map((history) => [
      String(history),
      ...[48, 168].map((hours) => percent(cupedReduction(hours, history, users))),
    ]),
  };
}

function squaredCorrelation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], meanX: number, y: readonly number[], meanY: number) =>
    x.reduce((sum, value, index) => sum + (value - meanX) * (y[index]! - meanY), 0);
  return product(a, meanA, b, meanB) ** 2 / (product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}
