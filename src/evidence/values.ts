// What single values of the primary metric are like: how far apart they lie, and how much better they can become.
import { type Metric, signOf } from "./metric.ts";

export interface Values {
  /** The champion's, in the metric's unit. */
  mean: number;
  /** Of one value, among those of all users; above 0. */
  variance: number;
  /** Whether each is 0 or 1: thumbs, and named feedback that is true or false. */
  binary: boolean;
}

/** Values of 0 and 1 with this mean, whose variance it tells. */
export function binaryValues(mean: number): Values {
  return { mean, variance: mean * (1 - mean), binary: true };
}

/**
 * The variance of one value on each side, were the challenger better by `difference`. It is never taken as smaller than the champion's,
 * for caution. Of anything but thumbs the champion's is not smaller either: there the verdict gives each side at least the other's
 * (`estimate`). Of numbers nobody knows what a difference makes of their spread, and it is taken to stay.
 */
export function spreadsOf(
  { mean, variance, binary }: Values,
  metric: Metric,
  difference: number,
): { champion: number; challenger: number } {
  if (!binary) return { champion: variance, challenger: variance };
  const better = Math.max(0, Math.min(1, mean + signOf(metric) * difference));
  const challenger = Math.max(variance, better * (1 - better));
  return { champion: metric.kind === "binary" ? variance : challenger, challenger };
}

/**
 * What a difference by itself adds to the variance by which promotions are judged, for each square of a user's number of values: that
 * variance is around the mean of both sides together (V_null), of which the challenger has a `share`. Nothing for thumbs, where the
 * smaller spread of a challenger that people like better outweighs it.
 */
export function pooledSpread({ kind }: Metric, share: number, difference: number): number {
  return kind === "binary" ? 0 : difference ** 2 * ((1 - share) ** 2 / share + share ** 2 / (1 - share));
}

/** By how much a challenger can be better at all, in the metric's unit; Infinity for numbers that have no end. */
export function roomOf(values: Values, metric: Metric): number {
  if (!isShare(values, metric)) return Infinity;
  return metric.better === "higher" ? 1 - values.mean : values.mean;
}

/** The same relative to the champion: no wanted lift may be above it. Null where there is no end. */
export function highestLiftOf(values: Values, metric: Metric): number | null {
  if (!isShare(values, metric)) return null;
  return metric.better === "higher" ? 1 / values.mean - 1 : 1;
}

function isShare({ binary }: Values, { kind }: Metric): boolean {
  return binary || kind !== "number";
}
